//! Reads TOML, and gives the parser's errors plain words and a place in the text.

use std::ops::Range;

use ::toml::Spanned;
use ::toml::de::DeTable;

use super::contain;

/// How deep the library reads tables, lists and dotted keys.
const DEEPEST: usize = 80;

/// What is wrong, and where.
#[must_use]
pub fn toml_error(text: &str, error: &::toml::de::Error) -> (String, Range<usize>) {
    let message = error.message();
    if message.contains("recursion limit") || message.contains("max recursion depth") {
        let place = error.span().unwrap_or_else(|| longest_key(text));
        return (format!("it is nested more than {DEEPEST} deep"), place);
    }
    (message.to_owned(), error.span().unwrap_or(0..0))
}

/// The largest text that [`toml_table`] reads, bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// A file of another tool, with the span of each value.
pub fn toml_table(text: &str) -> Result<Spanned<DeTable<'_>>, (String, Range<usize>)> {
    if text.len() > LARGEST {
        return Err((format!("it has {} bytes, and {LARGEST} are allowed", text.len()), 0..0));
    }
    match contain(|| DeTable::parse(text)) {
        Ok(read) => read.map_err(|error| toml_error(text, &error)),
        Err(panicked) => Err((panicked.to_string(), 0..0)),
    }
}

/// The key that the reader's type does not have, where that is what is wrong. The library gives it in its message alone.
#[must_use]
pub fn unknown_key(error: &::toml::de::Error) -> Option<String> {
    let (key, _) = error.message().strip_prefix("unknown field `")?.split_once('`')?;
    Some(key.to_owned())
}

/// The library gives no place for a dotted key that is too long.
fn longest_key(text: &str) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.matches('.').count() >= DEEPEST {
            return start..start;
        }
        start += line.len();
    }
    0..0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Known {
            #[serde(rename = "known")]
            _known: u8,
        }
        let error = |text: &str| ::toml::from_str::<Known>(text).unwrap_err();
        assert_eq!(unknown_key(&error("known = 1\n[tool]\nx = 1\n")).as_deref(), Some("tool"));
        assert_eq!(unknown_key(&error("known = true\n")), None);
    }

    #[test]
    fn a_nesting_without_end_has_a_place() {
        for tail in ["x = ".to_owned() + &"[".repeat(200), "a.".repeat(200) + "x = 1"] {
            let text = format!("first = 1\n{tail}\n");
            let error = ::toml::from_str::<::toml::Table>(&text).unwrap_err();
            let (message, span) = toml_error(&text, &error);
            assert_eq!(message, "it is nested more than 80 deep");
            assert!(span.start >= "first = 1\n".len(), "{span:?}");
        }
    }
}
