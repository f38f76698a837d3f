//! Parses files of `NAME=value` lines as Docker does. Pure.
//!
//! Docker knows no quotes and no expansion. A `#` begins a comment only at the start of a line, and a name without a
//! value takes the caller's value.

use std::collections::BTreeMap;

use crate::text::shown;

/// Parses a file's text. A name without a value takes the value that `caller` returns, and is left out if there is
/// none.
pub fn parse<'a>(
    text: &str,
    caller: impl Fn(&str) -> Option<&'a str>,
) -> Result<BTreeMap<String, String>, EnvFileError> {
    let mut variables = BTreeMap::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line.trim_end(), caller(line.trim_end())),
        };
        let wrong = |problem| EnvFileError { line: index + 1, problem };
        if !is_name(name) {
            return Err(wrong(EnvFileProblem::Name(shown(name))));
        }
        if let Some(value) = value {
            if value.contains(|c: char| c.is_control() && c != '\t') {
                return Err(wrong(EnvFileProblem::Value { name: name.to_owned(), found: shown(value) }));
            }
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(variables)
}

/// Returns the names without a value, which take the caller's value.
pub fn bare_names(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines.filter(|line| is_name(line))
}

/// A line that is neither a comment nor a variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct EnvFileError {
    /// The line number, from 1.
    pub line: usize,
    /// The problem with the line.
    pub problem: EnvFileProblem,
}

/// The problem with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileProblem {
    /// The text before the `=` is not a name.
    #[error("`{0}` is not a variable's name")]
    Name(String),
    /// The value is not allowed; for a name without a value it is the caller's.
    #[error("the value of `{name}` has a line break or another control character: `{found}`")]
    Value { name: String, found: String },
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && characters.all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, EnvFileError> {
        let caller = |name: &str| (name == "TOKEN").then_some("from the caller");
        Ok(parse(text, caller)?.into_iter().collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_taken_as_they_stand() {
        let text = "# comment\n\n  A=1 # not a comment\nB=\"quoted\"\nC=\nD=x=y\r\n";
        let expected = pairs(&[("A", "1 # not a comment"), ("B", "\"quoted\""), ("C", ""), ("D", "x=y")]);
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn a_bare_name_is_the_callers() {
        assert_eq!(read("TOKEN\nUNSET\n"), Ok(pairs(&[("TOKEN", "from the caller")])));
    }

    #[test]
    fn the_line_that_is_none_is_named() {
        assert_eq!(
            read("A=1\nexport B=2\n"),
            Err(EnvFileError { line: 2, problem: EnvFileProblem::Name("export B".to_owned()) })
        );
        assert_eq!(read("=x"), Err(EnvFileError { line: 1, problem: EnvFileProblem::Name(String::new()) }));
        let value = read("A=1\nB=x\ry\n").unwrap_err().to_string();
        assert_eq!(value, "line 2: the value of `B` has a line break or another control character: `x\\ry`");
        let unkept = parse("TOKEN", |_| Some("a\nb")).unwrap_err().to_string();
        assert_eq!(unkept, "line 1: the value of `TOKEN` has a line break or another control character: `a\\nb`");
        assert!(read("A=1\0").is_err() && read("A=\ttab").is_ok());
    }
}
