//! Parses requirements files. A project's file is as untrusted as its manifest.
//!
//! So the parser accepts only the pip options that name neither an index nor a path of this machine: `-r` and `-c` (for
//! files inside the project) and `--hash`. It refuses every other option and names its line.

use crate::manifest::{Digest, Requirement};
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
    /// The files that it includes, relative to it.
    pub includes: Vec<Include>,
}

/// One requirement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequirement {
    pub requirement: Requirement,
    /// The only allowed artefacts, `sha256:…`. Empty: any.
    pub hashes: Vec<String>,
    /// The line number, from 1.
    pub line: usize,
}

/// A file that another file includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The path in the file.
    pub path: String,
    /// Whether it is included by `-c`. Then it limits versions and asks for no package.
    pub constraint: bool,
    pub line: usize,
}

/// A line that cannot be parsed, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line number, from 1.
    pub line: usize,
    pub text: String,
    pub why: String,
}

/// Parses a file's text.
pub fn parse(text: &str) -> Result<RequirementsFile, BadLine> {
    if text.len() > LARGEST {
        let why = format!("the file has {} bytes, and {LARGEST} are allowed", text.len());
        return Err(BadLine { line: 1, text: String::new(), why });
    }
    let mut file = RequirementsFile::default();
    for (line, text) in logical_lines(text) {
        let bad = |why: &str| BadLine { line, text: shown(&text), why: why.to_owned() };
        if file.requirements.len() + file.includes.len() >= MOST {
            return Err(bad(&format!("more than {MOST} requirements stand in one file")));
        }
        if let Some((option, path)) = include(&text) {
            if path.is_empty() {
                return Err(bad("it names no file"));
            }
            file.includes.push(Include { path: path.to_owned(), constraint: option == 'c', line });
        } else if text.starts_with('-') {
            return Err(bad(refusal(&text)));
        } else {
            let (requirement, hashes) = split_hashes(&text).map_err(|why| bad(&why))?;
            let requirement = requirement.parse::<Requirement>().map_err(|error| bad(&error.why))?;
            file.requirements.push(FileRequirement { requirement, hashes, line });
        }
    }
    Ok(file)
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

fn include(line: &str) -> Option<(char, &str)> {
    let forms = [("--requirement", 'r'), ("--constraint", 'c'), ("-r", 'r'), ("-c", 'c')];
    forms.into_iter().find_map(|(form, kind)| {
        let rest = line.strip_prefix(form)?;
        let short = form.len() == 2;
        let separated = rest.is_empty() || rest.starts_with([' ', '\t', '=']);
        (short || separated).then(|| (kind, rest.trim_start_matches(['=', ' ', '\t'])))
    })
}

fn refusal(line: &str) -> &'static str {
    let option = line.split([' ', '=', '\t']).next().unwrap_or(line);
    match option {
        "-i" | "--index-url" | "--extra-index-url" | "--no-index" | "-f" | "--find-links" | "--trusted-host" => {
            "indexes are set in `[network]` or in your own configuration, not by a project's file"
        }
        "-e" | "--editable" => "a path can't be locked; mount the project, or install it in `[build] run`",
        _ => "options other than `-r`, `-c` and `--hash` are not read",
    }
}

/// Splits `name==1 --hash=sha256:… --hash=sha256:…`.
fn split_hashes(line: &str) -> Result<(&str, Vec<String>), String> {
    let Some((requirement, options)) = line.split_once(" --") else { return Ok((line, Vec::new())) };
    let mut hashes = Vec::new();
    for option in options.split(" --") {
        let value = option.trim().strip_prefix("hash=").or_else(|| option.trim().strip_prefix("hash "));
        match value.map(str::trim) {
            Some(hash) if hash.starts_with("sha256:") => {
                let digest = hash.to_ascii_lowercase().parse::<Digest>().map_err(|error| error.to_string())?;
                hashes.push(digest.to_string());
            }
            Some(_) => {}
            None => return Err("options other than `-r`, `-c` and `--hash` are not read".to_owned()),
        }
    }
    Ok((requirement.trim(), hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        parse(text).unwrap().requirements.iter().map(|found| found.requirement.to_string()).collect()
    }

    fn why(text: &str) -> (usize, String) {
        let bad = parse(text).unwrap_err();
        (bad.line, bad.why)
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
    fn options_that_name_indexes_or_places_are_refused_with_their_line() {
        assert_eq!(why("rich\n--index-url https://evil.example/simple\n").0, 2);
        assert!(why("--extra-index-url=https://evil.example").1.contains("indexes"));
        assert!(why("-e .").1.contains("path"));
        assert!(why("--pre").1.contains("options"));
        assert!(why("rich --config-settings=x=y").1.contains("options"));
        assert!(why("../evil").1.contains("path"));
        assert!(why("rich==${VERSION}").1.contains("variables"));
        assert!(why("rich==13 --hash=sha256:aa").1.contains("digest"));
    }

    #[test]
    fn a_fragment_is_no_comment() {
        assert_eq!(names("x @ https://example.org/x-1-py3-none-any.whl#sha256=ab").len(), 1);
    }
}
