//! Reads PEP 508 requirements.
//!
//! The library panics on three kinds of text: a name or an extra that ends in `.`, `-` or `_`; characters beyond ASCII
//! between markers; and a `~=` with the variable on its right side. It reads parentheses by recursion. Its decision
//! diagram of a marker can double with each comparison. This module refuses all of these before it calls the library.

use std::str::FromStr;

use pep508_rs::{Requirement, VerbatimUrl};

use super::contain;

/// The longest requirement, bytes.
pub const LONGEST_REQUIREMENT: usize = 8 * 1024;

/// Opening parentheses in one requirement.
const MOST_PARENTHESES: usize = 32;

/// `and` and `or` in one requirement.
const MOST_CONNECTIVES: usize = 32;

/// One requirement. An error is a few words on what is wrong.
pub fn requirement(text: &str) -> Result<Requirement<VerbatimUrl>, String> {
    outline(text)?;
    match contain(|| Requirement::from_str(text).map_err(|error| error.message.to_string())) {
        Ok(read) => read.map_err(|message| first_line(&message)),
        Err(panicked) => Err(panicked.to_string()),
    }
}

/// The parser's own words, made to fit ours.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or("it can't be read").trim_end_matches('.');
    let mut characters = line.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

fn outline(text: &str) -> Result<(), String> {
    if text.len() > LONGEST_REQUIREMENT {
        return Err(format!("it has {} bytes, and {LONGEST_REQUIREMENT} are allowed", text.len()));
    }
    if !text.is_ascii() {
        return Err("it has characters beyond ASCII".to_owned());
    }
    // Counted without regard to quotes, which mean one thing in an address and another in a marker.
    if text.matches('(').count() > MOST_PARENTHESES {
        return Err(format!("it has more than {MOST_PARENTHESES} parentheses"));
    }
    let connectives = text.split_ascii_whitespace().filter(|word| word.ends_with("and") || word.ends_with("or"));
    if connectives.count() > MOST_CONNECTIVES {
        return Err(format!("its marker has more than {MOST_CONNECTIVES} `and` and `or`"));
    }
    if let Some(value) = compared_backwards(text) {
        return Err(format!(
            "in its marker, `~=` stands between the text {value} and a variable: write the variable first"
        ));
    }
    name_and_extras(text.trim_ascii_start())
}

/// The first quoted text that stands before `~=`.
fn compared_backwards(text: &str) -> Option<&str> {
    let (_, marker) = text.split_once(';')?;
    let ends = marker.match_indices("~=").map(|(at, _)| marker[..at].trim_ascii_end());
    let mut quoted = ends.filter_map(|before| {
        let quote = before.chars().next_back().filter(|c| "'\"".contains(*c))?;
        let from = before[..before.len() - 1].rfind(quote)?;
        Some(&before[from..])
    });
    quoted.next()
}

fn name_and_extras(text: &str) -> Result<(), String> {
    let (name, rest) = text.split_at(text.find(|c| !is_name_character(c)).unwrap_or(text.len()));
    if !name.is_empty() && !is_name(name) {
        return Err(format!("the name `{name}` must begin and end with a letter or digit"));
    }
    let Some(extras) = rest.trim_ascii_start().strip_prefix('[') else { return Ok(()) };
    let extras = extras.split_once(']').map_or(extras, |(extras, _)| extras);
    let wrong = extras.split(',').map(str::trim).find(|extra| !is_name(extra));
    match wrong {
        Some(extra) if !extras.trim().is_empty() => {
            Err(format!("the extra `{extra}` must begin and end with a letter or digit"))
        }
        _ => Ok(()),
    }
}

/// PEP 508: `^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$`, in any case.
fn is_name(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(end) && text.ends_with(end) && text.chars().all(is_name_character)
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        requirement(text).unwrap_err()
    }

    #[test]
    fn what_the_library_panics_on_never_reaches_it() {
        for text in ["six.>=1", "six-==1", "six_", "six.[x]", "six[x.]", "six[x-,y]", "six[.]", "six[x] , é"] {
            assert_ne!(why(text), super::super::Panicked.to_string(), "{text}");
        }
        assert_eq!(why("six.>=1"), "the name `six.` must begin and end with a letter or digit");
        assert_eq!(why("six[x.]"), "the extra `x.` must begin and end with a letter or digit");
        assert_eq!(why("six ; os_name == 'a' \u{e9}\u{e9}"), "it has characters beyond ASCII");
        assert_eq!(
            why("six ; os_name == 'a' or 'a2' ~= os_name"),
            "in its marker, `~=` stands between the text 'a2' and a variable: write the variable first"
        );
        assert_ne!(why("six ; \"a\"~=os_name"), super::super::Panicked.to_string());
    }

    #[test]
    fn what_is_allowed_stays_allowed() {
        for text in [
            "six",
            "a",
            "zope.interface >= 5",
            "six[]",
            "six[ a , b.c ]>=1",
            "six(>=1,<2)",
            "x @ https://example.org/x-1-py3-none-any.whl",
            "numpy<2 ; python_version ~= '3.9'",
            "numpy<2 ; python_version < '3.12' and (sys_platform == 'linux' or os_name == 'nt')",
        ] {
            assert!(requirement(text).is_ok(), "{text}: {:?}", requirement(text));
        }
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        let nested = |depth: usize| format!("six ; {}os_name == 'a'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(requirement(&nested(MOST_PARENTHESES)).is_ok());
        assert!(why(&nested(3_000)).contains("parentheses"));
        assert!(why(&nested(20_000)).contains("bytes"));
        let quoted = format!("x @ https://example.org/' ; {}os_name == 'a'", "(\")\"".repeat(100));
        assert!(why(&quoted).contains("parentheses"));
    }

    #[test]
    fn a_marker_that_doubles_with_each_comparison_stays_small() {
        let pairs = |count: usize| {
            let pair = |at: usize| format!("'a{at}' in os_name and 'a{at}' in platform_version");
            (0..count).map(pair).collect::<Vec<_>>().join(" or ")
        };
        assert!(why(&format!("six ; {}", pairs(40))).contains("`and` and `or`"));
        assert!(requirement(&format!("six ; {}", pairs(16))).is_ok());
    }
}
