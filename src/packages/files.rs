//! Reads a project's requirements files and those they include, none from outside the project.

use std::path::{Component, Path};

use super::PackagesError;
use super::requirements_file::{RequirementsFile, parse};

/// One file of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// Relative to the project, normalised.
    pub path: String,
    /// As read.
    pub text: String,
    /// Included by `-c`: it limits versions and asks for nothing.
    pub constraint: bool,
    pub content: RequirementsFile,
}

/// Reads the files and all that they include, in the order met, each once.
pub fn read<'a>(project: &Path, paths: impl IntoIterator<Item = &'a str>) -> Result<Vec<ReadFile>, PackagesError> {
    let root = project.canonicalize().map_err(|error| PackagesError::unreadable(project, &error))?;
    let mut reader = Reader { root: &root, files: Vec::new() };
    for path in paths {
        reader.read(path, false, &mut Vec::new())?;
    }
    Ok(reader.files)
}

struct Reader<'a> {
    root: &'a Path,
    files: Vec<ReadFile>,
}

impl Reader<'_> {
    fn read(&mut self, path: &str, constraint: bool, within: &mut Vec<String>) -> Result<(), PackagesError> {
        let path = normalised(path).ok_or_else(|| PackagesError::OutsideProject { path: path.to_owned() })?;
        if within.contains(&path) {
            return Err(PackagesError::Circular { path });
        }
        if self.files.iter().any(|file| file.path == path && file.constraint == constraint) {
            return Ok(());
        }
        let text = self.text(&path)?;
        let content = parse(&text).map_err(|bad| PackagesError::BadRequirements {
            path: path.clone(),
            text: text.clone(),
            bad,
        })?;
        let includes = content.includes.clone();
        self.files.push(ReadFile { path: path.clone(), text, constraint, content });
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        within.push(path);
        for include in includes {
            self.read(&format!("{directory}/{}", include.path), constraint || include.constraint, within)?;
        }
        within.pop();
        Ok(())
    }

    fn text(&self, path: &str) -> Result<String, PackagesError> {
        let file = self.root.join(path);
        let unreadable = |error: std::io::Error| PackagesError::unreadable(Path::new(path), &error);
        let real = file.canonicalize().map_err(unreadable)?;
        if !real.starts_with(self.root) {
            return Err(PackagesError::OutsideProject { path: path.to_owned() });
        }
        std::fs::read_to_string(real).map_err(unreadable)
    }
}

/// Without `.` and `..`; none where it leads out.
fn normalised(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn included_files_are_found_from_the_file_that_names_them() {
        let dir = project(&[
            ("requirements/dev.txt", "-r ../base.txt\n-c pins.txt\npytest\n"),
            ("base.txt", "rich\n"),
            ("requirements/pins.txt", "rich<14\n"),
        ]);
        let files = read(dir.path(), ["requirements/dev.txt"]).unwrap();
        let seen: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.constraint)).collect();
        assert_eq!(seen, [("requirements/dev.txt", false), ("base.txt", false), ("requirements/pins.txt", true)]);
    }

    #[test]
    fn nothing_outside_is_read() {
        let dir = project(&[("a.txt", "-r ../../etc/passwd\n"), ("b.txt", "-r link.txt\n")]);
        assert!(matches!(read(dir.path(), ["a.txt"]), Err(PackagesError::OutsideProject { .. })));
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.txt")).unwrap();
        assert!(matches!(read(dir.path(), ["b.txt"]), Err(PackagesError::OutsideProject { .. })));
    }

    #[test]
    fn a_circle_is_named() {
        let dir = project(&[("a.txt", "-r b.txt\n"), ("b.txt", "-r a.txt\n")]);
        assert!(matches!(read(dir.path(), ["a.txt"]), Err(PackagesError::Circular { .. })));
    }

    #[test]
    fn a_bad_line_is_shown_with_its_file() {
        use crate::error::Report;
        let dir = project(&[("a.txt", "rich\n--index-url https://evil.example\n")]);
        let error = read(dir.path(), ["a.txt"]).unwrap_err();
        assert_eq!(error.snippets()[0].span, 5..37);
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }
}
