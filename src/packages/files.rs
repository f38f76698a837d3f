//! Reads a project's requirements files and the files that they include. It refuses every file outside the project.
//!
//! The number and depth of files are limited, because a hostile project can include files in a circle.

use std::path::{Component, Path};

use super::PackagesError;
use super::bad_file::BadFile;
use super::file_text::decode;
pub use super::requirements_file::ReadFile;
use super::wanted_file::{WantedFile, content};
use crate::error::Report;
use crate::files::{self, RootedDirectory, TextBudget};
use crate::manifest::RequirementsEntry;

/// The greatest depth of nested includes.
const DEPTH: usize = 32;

/// The largest number of files. Each `-r` and `-c` of a file counts once.
const FILES: usize = 256;

/// The largest number of requirements in all files.
const TOGETHER: usize = 20_000;

/// Reads the files and all that they include, in the order in which they appear, each once.
///
/// # Errors
///
/// Lines that cannot be used, of all files together, and a file that cannot be read.
pub fn read<'a>(
    project: &RootedDirectory,
    wanted: impl IntoIterator<Item = impl Into<WantedFile<'a>>>,
) -> Result<Vec<ReadFile>, PackagesError> {
    let (files, bad) = read_usable(project, wanted)?;
    if bad.is_empty() { Ok(files) } else { Err(PackagesError::BadRequirements { bad }) }
}

/// Reads the files as [`read`] does, and returns the lines that cannot be used beside the others, for a caller that
/// finds more of them.
pub fn read_usable<'a>(
    project: &RootedDirectory,
    wanted: impl IntoIterator<Item = impl Into<WantedFile<'a>>>,
) -> Result<(Vec<ReadFile>, Vec<BadFile>), PackagesError> {
    let mut reader = RequirementsReader {
        project,
        files: Vec::new(),
        budget: TextBudget::new(files::DOCUMENT),
        asked: 0,
        bad: Vec::new(),
        entry: None,
    };
    for file in wanted {
        let WantedFile { path, entry } = file.into();
        reader.entry = entry;
        reader.read(path, false, &mut Vec::new())?;
    }
    Ok((reader.files, reader.bad))
}

struct RequirementsReader<'a> {
    project: &'a RootedDirectory,
    files: Vec<ReadFile>,
    budget: TextBudget,
    /// The number of requirements so far.
    asked: usize,
    /// What the manifest takes from the next file. Included files are taken whole.
    entry: Option<&'a RequirementsEntry>,
    /// The files with lines that cannot be used.
    bad: Vec<BadFile>,
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
        let text = budget.read(|limit| project.read(&path, limit).map(|bytes| decode(&bytes)))?;
        let (content, lines) = content(self.entry.take(), &path, &text);
        if !lines.is_empty() {
            self.bad.push(BadFile { path: path.clone(), text: text.clone(), lines });
        }
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
    fn bad_lines_are_shown_with_their_files() {
        use crate::error::Report;
        let dir = project(&[("a.txt", "rich\n--no-index\n-c b.txt\n"), ("b.txt", "six\n"), ("c.txt", "--pre\nx=1\n")]);
        let error = read_in(dir.path(), ["a.txt", "c.txt"]).unwrap_err();
        assert_eq!(error.to_string(), "3 lines of `a.txt`, `c.txt` can't be used");
        let spans: Vec<_> = error.snippets().into_iter().map(|snippet| snippet.span).collect();
        assert_eq!(spans, [5..15, 0..5, 6..9]);
        assert_eq!(error.hints().len(), 1);
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }

    #[test]
    fn files_of_other_systems_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let utf16 = "\u{feff}rich\r\nsix==1.16\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        std::fs::write(dir.path().join("a.txt"), utf16).unwrap();
        std::fs::write(dir.path().join("b.txt"), b"rich # caf\xe9\rnumpy\r").unwrap();
        let files = read_in(dir.path(), ["a.txt", "b.txt"]).unwrap();
        let lines = files.iter().flat_map(|file| &file.content.requirements);
        let lines: Vec<_> = lines.map(|found| (found.requirement.as_str(), found.line)).collect();
        assert_eq!(lines, [("rich", 1), ("six==1.16", 2), ("rich", 1), ("numpy", 2)]);
    }
}
