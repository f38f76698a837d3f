//! The requirements of one file by its kind: a requirements file of pip, `pyproject.toml`, or a file of conda.

use std::path::Path;

use super::requirements_file::{BadLine, Include, RequirementsFile, parse_usable};
use crate::foreign::{self, CondaFile, Lined, PyProject, Selection, SelectionError};
use crate::manifest::{PackageName, RequirementsEntry};
use crate::text::shown;

/// A file that the manifest names, with what it takes from it.
#[derive(Clone, Copy, Debug)]
pub struct WantedFile<'a> {
    pub(super) path: &'a str,
    /// `None`: the whole file.
    pub(super) entry: Option<&'a RequirementsEntry>,
}

impl<'a> From<&'a str> for WantedFile<'a> {
    fn from(path: &'a str) -> Self {
        Self { path, entry: None }
    }
}

impl<'a> From<&'a RequirementsEntry> for WantedFile<'a> {
    fn from(entry: &'a RequirementsEntry) -> Self {
        Self { path: entry.file.as_str(), entry: Some(entry) }
    }
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileForm {
    Requirements,
    PyProject,
    Environment,
    CondaList,
}

fn form(path: &str, text: &str) -> FileForm {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("toml") => FileForm::PyProject,
        Some("yml" | "yaml") => FileForm::Environment,
        _ if foreign::is_conda_list(text) => FileForm::CondaList,
        _ => FileForm::Requirements,
    }
}

/// What can be used of a file, and the lines that cannot.
pub(super) fn content(entry: Option<&RequirementsEntry>, path: &str, text: &str) -> (RequirementsFile, Vec<BadLine>) {
    let none: &[PackageName] = &[];
    let (extras, groups, skip) =
        entry.map_or((none, none, none), |entry| (&entry.extras[..], &entry.groups[..], &entry.skip[..]));
    let form = form(path, text);
    if let Some(name) = extras.iter().chain(groups).next().filter(|_| form != FileForm::PyProject) {
        let why = "extras and groups are those of a `pyproject.toml`".to_owned();
        return (RequirementsFile::default(), vec![bad(1, name.as_str(), why)]);
    }
    let read = match form {
        FileForm::Requirements => Ok(parse_usable(text)),
        FileForm::PyProject => {
            foreign::read_pyproject(text).map(|read| of_pyproject(read, Selection { extras, groups }))
        }
        FileForm::Environment => foreign::read_environment(text).map(|read| of_conda(&read)),
        FileForm::CondaList => foreign::read_conda_list(text).map(|read| of_conda(&read)),
    };
    let (mut file, mut problems) =
        read.unwrap_or_else(|unread| (RequirementsFile::default(), vec![bad(unread.line, "", shown(&unread.why))]));
    file.requirements.retain(|found| !skip.contains(&found.requirement.package()));
    problems.retain(|bad| !skip.iter().any(|name| name.as_str() == foreign::requirement_name(&bad.text)));
    (file, problems)
}

fn bad(line: usize, text: &str, why: String) -> BadLine {
    BadLine { line, text: shown(text), why, hint: None }
}

fn of_pyproject(project: PyProject, selection: Selection<'_>) -> (RequirementsFile, Vec<BadLine>) {
    let mut problems = Vec::new();
    let lines = project.select(selection).unwrap_or_else(|SelectionError { kind, name, known }| {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        problems.push(bad(1, &name, format!("no such {kind}; the file has {}", shown(&known))));
        Vec::new()
    });
    let mut file = RequirementsFile { requires_python: project.requires_python, ..RequirementsFile::default() };
    for file_name in project.dependency_files {
        file.includes.push(Include { path: file_name.value, constraint: false, line: file_name.line });
    }
    add(&mut file, &lines, &mut problems);
    (file, problems)
}

/// Packages of conda that the Python index has, and the lines of the pip part. Each other package must be left out by name.
fn of_conda(conda: &CondaFile) -> (RequirementsFile, Vec<BadLine>) {
    let system = conda.system.iter().map(|found| (found.value.0.as_str(), found.line));
    let unknown = conda.unknown.iter().map(|found| (found.value.as_str(), found.line));
    let why = "no Python package is known for it: name it in `skip` to leave it out";
    let mut problems: Vec<BadLine> =
        system.chain(unknown).map(|(name, line)| bad(line, name, why.to_owned())).collect();
    let requires_python = conda.pinned("python").and_then(|python| {
        let mut parts = python.value.splitn(3, '.');
        let minor = format!("=={}.{}.*", parts.next()?, parts.next()?);
        Some(Lined { value: minor, line: python.line })
    });
    let mut file = RequirementsFile { requires_python, ..RequirementsFile::default() };
    add(&mut file, &conda.requirements, &mut problems);
    for line in &conda.pip {
        let (mut read, refused) = parse_usable(&line.value);
        read.requirements.iter_mut().for_each(|found| found.line = line.line);
        read.includes.iter_mut().for_each(|found| found.line = line.line);
        read.indexes.iter_mut().for_each(|found| found.line = line.line);
        file.requirements.append(&mut read.requirements);
        file.includes.append(&mut read.includes);
        file.indexes.append(&mut read.indexes);
        problems.extend(refused.into_iter().map(|bad| BadLine { line: line.line, ..bad }));
    }
    problems.sort_by_key(|bad| bad.line);
    (file, problems)
}

/// Adds requirements as a requirements file has them, so that every check of its lines holds for them too.
fn add(file: &mut RequirementsFile, lines: &[Lined<String>], problems: &mut Vec<BadLine>) {
    for Lined { value, line } in lines {
        if value.trim_start().starts_with('-') {
            problems.push(bad(*line, value, "options are those of a requirements file".to_owned()));
            continue;
        }
        let (mut read, refused) = parse_usable(value);
        read.requirements.iter_mut().for_each(|found| found.line = *line);
        file.requirements.append(&mut read.requirements);
        problems.extend(refused.into_iter().map(|bad| BadLine { line: *line, ..bad }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(file: &str) -> RequirementsEntry {
        file.parse().unwrap()
    }

    fn names(file: &RequirementsFile) -> Vec<(String, usize)> {
        file.requirements.iter().map(|found| (found.requirement.to_string(), found.line)).collect()
    }

    fn usable(wanted: &RequirementsEntry, path: &str, text: &str) -> RequirementsFile {
        let (file, problems) = content(Some(wanted), path, text);
        assert_eq!(problems, []);
        file
    }

    #[test]
    fn a_pyproject_with_an_extra_and_a_group() {
        let text = "[project]\nrequires-python = \">=3.9\"\ndependencies = [\"rich\"]\n[project.optional-dependencies]\n\
                    dev = [\"pytest\"]\n[dependency-groups]\ntest = [\"coverage\"]\n";
        let mut wanted = entry("pyproject.toml");
        assert_eq!(names(&usable(&wanted, "pyproject.toml", text)), [("rich".to_owned(), 3)]);
        (wanted.extras, wanted.groups) = (vec!["dev".parse().unwrap()], vec!["test".parse().unwrap()]);
        let read = usable(&wanted, "pyproject.toml", text);
        assert_eq!(names(&read).len(), 3);
        assert_eq!(read.requires_python.unwrap().value, ">=3.9");
        wanted.groups = vec!["docs".parse().unwrap()];
        let bad = content(Some(&wanted), "pyproject.toml", text).1;
        assert_eq!((bad[0].text.as_str(), bad[0].why.as_str()), ("docs", "no such group; the file has test"));
    }

    #[test]
    fn an_environment_of_conda() {
        let text = "dependencies:\n  - python=3.9.16\n  - numpy=1.23\n  - ffmpeg\n  - gnuradio\n  - pip:\n    - -r more.txt\n    - rich\n";
        let mut wanted = entry("environment.yml");
        let bad = content(Some(&wanted), "environment.yml", text).1;
        let lines: Vec<_> = bad.iter().map(|bad| (bad.line, bad.text.as_str())).collect();
        assert_eq!(lines, [(4, "ffmpeg"), (5, "gnuradio")]);
        wanted.skip = vec!["ffmpeg".parse().unwrap(), "gnuradio".parse().unwrap()];
        let read = usable(&wanted, "environment.yml", text);
        assert_eq!(names(&read), [("numpy==1.23.*".to_owned(), 3), ("rich".to_owned(), 8)]);
        assert_eq!((read.includes[0].path.as_str(), read.includes[0].line), ("more.txt", 7));
        assert_eq!(read.requires_python.unwrap().value, "==3.9.*");
    }

    #[test]
    fn packages_are_left_out_of_any_file() {
        let mut wanted = entry("requirements.txt");
        wanted.skip = vec!["flash-attn".parse().unwrap()];
        let read = usable(&wanted, "requirements.txt", "rich\nflash_attn @ git+ssh://x\n");
        assert_eq!(names(&read), [("rich".to_owned(), 1)]);
        wanted.extras = vec!["dev".parse().unwrap()];
        assert!(content(Some(&wanted), "requirements.txt", "rich\n").1[0].why.contains("pyproject.toml"));
    }
}
