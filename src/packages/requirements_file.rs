//! Parses requirements files. A project's file is as untrusted as its manifest.
//!
//! So the parser accepts only the pip options that name no path of this machine: `-r` and `-c` (for files inside the
//! project), `--hash`, and addresses of indexes, which others judge. It refuses every other option. All problems of a
//! file are reported together, each with its line.

use super::file_line::{self, FileLine, RefusedFileLine};
pub use super::file_line::{FileIndex, FileRequirement, Include, IndexOption};
use crate::foreign::Lined;
use crate::text::shown;

/// The largest file that is read, bytes: enough for a thousand packages with a hundred hashes each.
const LARGEST: usize = 8 * 1024 * 1024;

/// The largest number of requirements and files in one file.
const MOST: usize = 10_000;

/// One requirements file of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// The path relative to the project, normalised.
    pub path: String,
    /// The complete text.
    pub text: String,
    /// Whether it is included by `-c`. Then it limits versions and asks for no package.
    pub constraint: bool,
    pub content: RequirementsFile,
}

/// The content of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequirementsFile {
    pub requirements: Vec<FileRequirement>,
    /// The Pythons that the file asks for, as specifiers. A requirements file of pip asks for none.
    pub requires_python: Option<Lined<String>>,
    /// The files that it includes, relative to it.
    pub includes: Vec<Include>,
    /// The indexes that it names. Nothing is downloaded from them unasked.
    pub indexes: Vec<FileIndex>,
}

/// A line that cannot be parsed, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line number, from 1.
    pub line: usize,
    pub text: String,
    pub why: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Parses a file's text. The error is every line that cannot be used.
pub fn parse(text: &str) -> Result<RequirementsFile, Vec<BadLine>> {
    let (file, bad) = parse_usable(text);
    if bad.is_empty() { Ok(file) } else { Err(bad) }
}

/// Parses a file's text into the lines that can be used and those that cannot.
pub(super) fn parse_usable(text: &str) -> (RequirementsFile, Vec<BadLine>) {
    if text.len() > LARGEST {
        let why = format!("the file has {} bytes, and {LARGEST} are allowed", text.len());
        let bad = BadLine { line: 1, text: String::new(), why, hint: None };
        return (RequirementsFile::default(), vec![bad]);
    }
    let (mut file, mut bad) = (RequirementsFile::default(), Vec::new());
    for (line, text) in logical_lines(text) {
        let refused = |RefusedFileLine { why, hint }| BadLine { line, text: shown(&text), why, hint };
        if file.requirements.len() + file.includes.len() + file.indexes.len() + bad.len() >= MOST {
            let why = format!("more than {MOST} requirements are in one file");
            bad.push(refused(RefusedFileLine { why, hint: None }));
            break;
        }
        match file_line::read(&text, line) {
            Ok(FileLine::Requirement(found)) => file.requirements.push(*found),
            Ok(FileLine::Include(include)) => file.includes.push(include),
            Ok(FileLine::Indexes(found)) => file.indexes.extend(found),
            Ok(FileLine::Nothing) => {}
            Err(refusal) => bad.push(refused(refusal)),
        }
    }
    (file, bad)
}

/// The lines without comments. A line that ends in `\` is joined with the next. Each has the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let continued = line.trim_end().strip_suffix('\\');
        let part = without_comment(continued.unwrap_or(line)).trim();
        match lines.last_mut().filter(|_| open) {
            Some((_, joined)) => {
                joined.push(' ');
                joined.push_str(part);
            }
            None => lines.push((at + 1, part.to_owned())),
        }
        open = continued.is_some();
    }
    lines.into_iter().map(|(at, line)| (at, line.trim().to_owned())).filter(|(_, line)| !line.is_empty()).collect()
}

/// Removes a comment. A `#` starts one only at the start of a line or after a blank, so `https://…#egg=x` has none.
fn without_comment(line: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| *at == 0 || line[..*at].ends_with(char::is_whitespace);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        parse(text).unwrap().requirements.iter().map(|found| found.requirement.to_string()).collect()
    }

    #[test]
    fn comments_blanks_and_continuations() {
        let text = "\u{feff}# head\n\nlightning>=2.3  # why\nrich \\\n  >=13\nnumpy<2 ; python_version < '3.12'\r\n";
        assert_eq!(names(text), ["lightning>=2.3", "rich >=13", "numpy<2 ; python_version < '3.12'"]);
    }

    #[test]
    fn what_pip_compile_writes() {
        let hashes = ["ab", "cd"].map(|digits| format!("sha256:{}", digits.repeat(32)));
        let [one, other] = &hashes;
        let text = format!("rich==13.7.1 \\\n    --hash={one} \\\n    --hash={other}\n    # via typer\n");
        let file = parse(&text).unwrap();
        assert_eq!(file.requirements[0].hashes, hashes);
        assert_eq!(file.requirements[0].line, 1);
    }

    #[test]
    fn includes() {
        let file = parse("-r base.txt\n-cpins.txt\n--requirement=dev.txt\n").unwrap();
        let includes: Vec<_> = file.includes.iter().map(|i| (i.path.as_str(), i.constraint)).collect();
        assert_eq!(includes, [("base.txt", false), ("pins.txt", true), ("dev.txt", false)]);
    }

    #[test]
    fn every_line_that_cannot_be_used_is_reported() {
        let bad = parse("rich\n--pre\nnumpy==1 --global-option=x\n-e .\n\nsix\n").unwrap_err();
        let lines: Vec<_> = bad.iter().map(|bad| (bad.line, bad.text.as_str())).collect();
        assert_eq!(lines, [(2, "--pre"), (3, "numpy==1 --global-option=x"), (4, "-e .")]);
    }

    #[test]
    fn the_number_of_lines_is_bounded() {
        for line in ["six\n", "--pre\n", "-i https://a.example\n"] {
            let bad = parse(&line.repeat(MOST + 5)).unwrap_err();
            assert!(bad.last().unwrap().why.contains("more than"), "{line}");
            assert!(bad.len() <= MOST + 1);
        }
    }

    #[test]
    fn indexes_are_kept_with_their_lines() {
        let file = parse("--extra-index-url https://a.example/whl\ntorch\n-f https://b.example/page.html\n").unwrap();
        let lines: Vec<_> = file.indexes.iter().map(|index| (index.option, index.line)).collect();
        assert_eq!(lines, [(IndexOption::Extra, 1), (IndexOption::Links, 3)]);
    }

    #[test]
    fn a_fragment_is_no_comment() {
        assert_eq!(names("x @ https://example.org/x-1-py3-none-any.whl#sha256=ab").len(), 1);
    }
}
