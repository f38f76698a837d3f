//! Lines of requirements files that cannot be used, by file.

use super::requirements_file::BadLine;
use crate::error::Snippet;

/// A requirements file with lines that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFile {
    /// The path relative to the project.
    pub path: String,
    pub text: String,
    /// The lines, each with the reason.
    pub lines: Vec<BadLine>,
}

impl BadFile {
    pub(super) fn snippet(&self, bad: &BadLine) -> Snippet {
        snippet(&self.path, &self.text, bad.line, &bad.why)
    }
}

/// One sentence about all of them.
pub(super) fn bad_lines(files: &[BadFile]) -> String {
    match files {
        [BadFile { path, lines, .. }] => match &lines[..] {
            [only] => format!("`{path}` line {}: `{}`: {}", only.line, only.text, only.why),
            lines => format!("{} lines of `{path}` can't be used", lines.len()),
        },
        files => {
            let paths: Vec<_> = files.iter().map(|file| format!("`{}`", file.path)).collect();
            let lines: usize = files.iter().map(|file| file.lines.len()).sum();
            format!("{lines} lines of {} can't be used", paths.join(", "))
        }
    }
}

/// What to do, each once.
pub(super) fn hints_of(files: &[BadFile]) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in files.iter().flat_map(|file| &file.lines).filter_map(|line| line.hint.as_ref()) {
        if !hints.contains(hint) {
            hints.push(hint.clone());
        }
    }
    hints
}

/// A line of a requirements file, by its number from 1.
pub(super) fn snippet(path: &str, text: &str, line: usize, label: &str) -> Snippet {
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = text[start..].lines().next().map_or(0, str::len);
    Snippet { path: path.into(), text: text.to_owned(), span: start..start + length, label: label.to_owned() }
}
