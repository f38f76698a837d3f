//! Files of `NAME=value` lines, read as Docker reads them: no quotes, no expansion, `#` begins a comment only at the start
//! of a line, and a bare name takes the caller's value. Pure.

use std::collections::BTreeMap;

/// Reads a file's text. A bare name asks `caller` and is left out where that knows nothing.
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
        if !is_name(name) || line.contains('\0') {
            return Err(EnvFileError { line: index + 1, found: name.to_owned() });
        }
        if let Some(value) = value {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(variables)
}

/// The names that stand alone in a file's text, for the caller's value.
pub fn bare_names(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines.filter(|line| is_name(line))
}

/// A line that is neither a comment nor a variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: `{found}` is not a variable's name")]
pub struct EnvFileError {
    /// From 1.
    pub line: usize,
    /// What stands before the `=`.
    pub found: String,
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
        assert_eq!(read("A=1\nexport B=2\n"), Err(EnvFileError { line: 2, found: "export B".to_owned() }));
        assert_eq!(read("=x"), Err(EnvFileError { line: 1, found: String::new() }));
    }
}
