//! Reads a project's requirements files and the files that they include. It refuses every file outside the project.
//!
//! The number and depth of files are limited, because a hostile project can include files in a circle.

use std::path::{Component, Path};

use super::PackagesError;
pub use super::requirements_file::ReadFile;
use super::requirements_file::parse;
use crate::error::Report;
use crate::files::{self, RootedDirectory, TextBudget};

/// The greatest depth of nested includes.
const DEPTH: usize = 32;

/// The largest number of files. Each `-r` and `-c` of a file counts once.
const FILES: usize = 256;

/// The largest number of requirements in all files.
const TOGETHER: usize = 20_000;

/// Reads the files and all that they include, in the order in which they appear, each once.
pub fn read<'a>(
    project: &RootedDirectory,
    paths: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<ReadFile>, PackagesError> {
    let mut reader =
        RequirementsReader { project, files: Vec::new(), budget: TextBudget::new(files::DOCUMENT), asked: 0 };
    for path in paths {
        reader.read(path, false, &mut Vec::new())?;
    }
    Ok(reader.files)
}

struct RequirementsReader<'a> {
    project: &'a RootedDirectory,
    files: Vec<ReadFile>,
    budget: TextBudget,
    /// The number of requirements so far.
    asked: usize,
}

impl RequirementsReader<'_> {
    fn read(&mut self, path: &str, constraint: bool, within: &mut Vec<String>) -> Result<(), PackagesError> {
        let path = normalised(path)
            .ok_or_else(|| PackagesError::OutsideProject { path: path.trim_start_matches('/').to_owned() })?;
        if within.contains(&path) {
            return Err(PackagesError::Circular { path });
        }
        if self.files.iter().any(|file| file.path == path && file.constraint == constraint) {
            return Ok(());
        }
        self.within_limits(&path, within.len())?;
        let Self { project, budget, .. } = self;
        let text = budget.read(|limit| project.read_text(&path, limit))?;
        let content = parse(&text).map_err(|bad| PackagesError::BadRequirements {
            path: path.clone(),
            text: text.clone(),
            bad,
        })?;
        self.asked += content.requirements.len();
        if self.asked > TOGETHER {
            let what = format!("more than {TOGETHER} requirements together");
            return Err(PackagesError::TooManyIncludes { path, what });
        }
        let includes = content.includes.clone();
        self.files.push(ReadFile { path: path.clone(), text, constraint, content });
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        within.push(path);
        for include in includes {
            let read = if include.path.starts_with('/') {
                Err(PackagesError::OutsideProject { path: include.path.clone() })
            } else {
                self.read(&format!("{directory}/{}", include.path), constraint || include.constraint, within)
            };
            read.map_err(|error| self.included_by(within.last(), include.line, error))?;
        }
        within.pop();
        Ok(())
    }

    /// The error of an included file, with the line of the include, unless the error already has it.
    fn included_by(&self, path: Option<&String>, line: usize, error: PackagesError) -> PackagesError {
        let file = self.files.iter().find(|file| Some(&file.path) == path);
        match file.filter(|_| error.snippets().is_empty()) {
            Some(ReadFile { path, text, .. }) => {
                let (path, text) = (path.clone(), text.clone());
                PackagesError::Included { path, text, line, error: Box::new(error) }
            }
            None => error,
        }
    }

    fn within_limits(&self, path: &str, depth: usize) -> Result<(), PackagesError> {
        let what = match () {
            () if depth >= DEPTH => format!("files included more than {DEPTH} deep"),
            () if self.files.len() >= FILES => format!("more than {FILES} requirements files"),
            () => return Ok(()),
        };
        Err(PackagesError::TooManyIncludes { path: path.to_owned(), what })
    }
}

/// The path without `.` and `..`. `None`: it leads outside.
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
    use crate::files::{FileError, FileProblem};

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn read_in<'a>(directory: &Path, paths: impl IntoIterator<Item = &'a str>) -> Result<Vec<ReadFile>, PackagesError> {
        read(&RootedDirectory::open(directory).unwrap(), paths)
    }

    /// The error of the included file.
    fn cause(read: Result<Vec<ReadFile>, PackagesError>) -> PackagesError {
        match read.unwrap_err() {
            PackagesError::Included { error, .. } => *error,
            error => error,
        }
    }

    #[test]
    fn what_is_wrong_with_an_included_file_is_told_with_the_line_that_names_it() {
        for (line, words) in [
            ("-r /etc/passwd", "`/etc/passwd` leads out of the project"),
            ("-c ../x", "`../x` leads out of the project"),
            ("-r missing.txt", "deep/missing.txt`: No such file"),
            ("-r a.txt", "`deep/a.txt` includes itself"),
            ("-r pipe", "not a regular file"),
        ] {
            let dir = project(&[("deep/a.txt", &format!("rich\n{line}\n"))]);
            std::fs::create_dir(dir.path().join("deep/pipe")).unwrap();
            let path = if line.contains("..") { "a.txt" } else { "deep/a.txt" };
            std::fs::copy(dir.path().join("deep/a.txt"), dir.path().join("a.txt")).unwrap();
            let error = read_in(dir.path(), [path]).unwrap_err();
            assert!(error.to_string().contains(words), "{line}: {error}");
            let at = &error.snippets()[0];
            assert_eq!((at.path.to_str().unwrap(), &at.text[at.span.clone()]), (path, line));
        }
    }

    #[test]
    fn included_files_are_found_from_the_file_that_names_them() {
        let dir = project(&[
            ("requirements/dev.txt", "-r ../base.txt\n-c pins.txt\npytest\n"),
            ("base.txt", "rich\n"),
            ("requirements/pins.txt", "rich<14\n"),
        ]);
        let files = read_in(dir.path(), ["requirements/dev.txt"]).unwrap();
        let seen: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.constraint)).collect();
        assert_eq!(seen, [("requirements/dev.txt", false), ("base.txt", false), ("requirements/pins.txt", true)]);
    }

    #[test]
    fn nothing_outside_is_read() {
        let dir = project(&[("a.txt", "-r ../../etc/passwd\n"), ("b.txt", "-r link.txt\n")]);
        assert!(matches!(cause(read_in(dir.path(), ["a.txt"])), PackagesError::OutsideProject { .. }));
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link.txt")).unwrap();
        let error = cause(read_in(dir.path(), ["b.txt"]));
        assert!(
            matches!(&error, PackagesError::File(FileError { problem: FileProblem::Leaves { .. }, .. })),
            "{error}"
        );
    }

    #[test]
    fn includes_end_at_a_depth_and_a_number() {
        let names: Vec<_> = (0..100).map(|at| (format!("{at}.txt"), format!("-r {}.txt\n", at + 1))).collect();
        let deep: Vec<_> = names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let refused = read_in(project(&deep).path(), ["0.txt"]).unwrap_err();
        assert_eq!(refused.to_string(), "`32.txt`: files included more than 32 deep are not read");
        let all = (0..300).map(|at| format!("-r wide/{at}.txt")).collect::<Vec<_>>().join("\n");
        let wide: Vec<_> = (0..300).map(|at| format!("wide/{at}.txt")).collect();
        let files: Vec<_> = wide.iter().map(|name| (name.as_str(), "")).chain([("all.txt", all.as_str())]).collect();
        let refused = read_in(project(&files).path(), ["all.txt"]).unwrap_err();
        assert!(refused.to_string().contains("more than 256 requirements files"), "{refused}");
    }

    #[test]
    fn a_circle_is_named() {
        let dir = project(&[("a.txt", "-r b.txt\n"), ("b.txt", "-r a.txt\n")]);
        assert!(matches!(cause(read_in(dir.path(), ["a.txt"])), PackagesError::Circular { .. }));
    }

    #[test]
    fn a_bad_line_is_shown_with_its_file() {
        use crate::error::Report;
        let dir = project(&[("a.txt", "rich\n--index-url https://evil.example\n")]);
        let error = read_in(dir.path(), ["a.txt"]).unwrap_err();
        assert_eq!(error.snippets()[0].span, 5..37);
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }
}
