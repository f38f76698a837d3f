//! Text of others (names, paths, messages of engines and builds) made plain: shown, and never obeyed by a terminal.
//!
//! A control character, or one that reorders the text around it, is replaced by its escape: `\u{1b}`. Our own colours are
//! the only sequences that come through.

use crate::error::is_invisible;

/// The codes that our own colours are made of. None of them hides text.
const COLORS: [&str; 12] = ["0", "1", "2", "31", "32", "33", "34", "35", "36", "91", "92", "94"];

/// A text within a line: no character of it acts on a terminal, and it stays on its line.
#[must_use]
pub fn plain(text: &str) -> String {
    escaped(text, |c| c != '\t' && acts(c))
}

/// A whole output of ours: its lines and colours stay, and nothing else of it acts on a terminal.
#[must_use]
pub fn output(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = lines(parts.next().unwrap_or_default());
    for part in parts {
        match color(part) {
            Some((code, rest)) => plain.extend(["\u{1b}[", code, "m", &lines(rest)]),
            None => plain.extend(["\\u{1b}", &lines(part)]),
        }
    }
    plain
}

/// A line that another program printed, without its colours.
#[must_use]
pub fn without_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Parameters, then one letter that says what to do with them.
        let end = part.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
        text.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain(text.trim_end_matches('\r'))
}

/// A JSON document's text, with escapes for what JSON itself lets through and a terminal obeys. It means the same.
#[must_use]
pub fn json(document: &str) -> String {
    let mut plain = String::with_capacity(document.len());
    for c in document.chars() {
        if acts(c) {
            // All of them have four digits at most.
            plain.extend(["\\u", &format!("{:04x}", u32::from(c))]);
        } else {
            plain.push(c);
        }
    }
    plain
}

fn lines(text: &str) -> String {
    escaped(text, |c| c != '\t' && c != '\n' && acts(c))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Control characters, line and paragraph separators, the marks that change the direction of text, and what has no shape.
fn acts(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// `1;31` of what follows an escape character, and the rest, where it is one of our colours.
fn color(sequence: &str) -> Option<(&str, &str)> {
    let (code, rest) = sequence.strip_prefix('[')?.split_once('m')?;
    code.split(';').all(|part| COLORS.contains(&part)).then_some((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_acts() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{9b}d\u{202e}e"), "a\\u{1b}[2Jb\\u{a}c\\u{9b}d\\u{202e}e");
        assert_eq!(plain("tab\tcafé"), "tab\tcafé");
    }

    #[test]
    fn our_colours_come_through_and_no_other_sequence() {
        let ours = super::super::Paint(true).red("no");
        assert_eq!(output(&format!("{ours}\nnext")), format!("{ours}\nnext"));
        for other in ["\u{1b}]0;title\u{7}", "\u{1b}[8mhidden", "\u{1b}[2J", "\u{1b}[38;5;1m", "\u{1b}", "\u{1b}[m"] {
            let shown = output(other);
            assert!(!shown.contains('\u{1b}') && shown.starts_with("\\u{1b}"), "{shown:?}");
        }
    }

    #[test]
    fn a_document_means_the_same() {
        let value = serde_json::json!({"name": "a\u{1b}\u{9b}\u{202e}\u{7f}é\n"});
        let shown = json(&value.to_string());
        assert!(!shown.chars().any(acts), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn another_programs_colours_are_left_out() {
        assert_eq!(without_colors("a\u{1b}[31mb\u{1b}[0m\r"), "ab");
        assert_eq!(without_colors("a\u{1b}]0;x\u{7}\u{1b}["), "a\\u{1b}]0;x\\u{7}");
    }
}
