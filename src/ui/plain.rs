//! Makes text from others (names, paths, messages of engines and builds) harmless: the terminal shows it and never
//! obeys it.
//!
//! A control character, or a character that reorders the text around it, becomes an escape: `\u{1b}`. Only envctl's
//! own colours pass as sequences. Foreign text cannot imitate them, because they carry a random number of this run.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::text::is_invisible;

/// The number in envctl's own colours, which nobody can guess in advance.
static MARK: LazyLock<String> = LazyLock::new(|| (RandomState::new().hash_one(0) | 1 << 63).to_string());

/// The codes of colours. None of them hides text.
const COLORS: [&str; 12] = ["0", "1", "2", "31", "32", "33", "34", "35", "36", "91", "92", "94"];

/// Makes a text harmless: no character acts on a terminal, and the text stays in one line.
#[must_use]
pub fn plain(text: &str) -> String {
    escaped(text, |c| c != '\t' && acts(c))
}

/// Returns the start or the end of a colour of envctl, which [`output`] lets through. `code` is such as `1;31`.
pub(super) fn own_color(code: &str) -> String {
    format!("\u{1b}[{};{code}m", *MARK)
}

/// Turns the colours that a library added to a harmless text into envctl's own.
pub(super) fn with_own_colors(text: &str) -> String {
    text.replace("\u{1b}[", &format!("\u{1b}[{};", *MARK))
}

/// Makes a whole output of envctl harmless: only its lines and colours stay.
#[must_use]
pub fn output(text: &str) -> String {
    let own =
        |sequence| color(sequence).and_then(|(code, rest)| Some((code.strip_prefix(&*MARK)?.strip_prefix(';')?, rest)));
    with_colors(text, own)
}

/// Makes the output of another program harmless: only its lines and colours stay.
#[must_use]
pub fn foreign_output(text: &str) -> String {
    with_colors(text, |sequence| color(sequence).filter(|(code, _)| code.split(';').all(|part| COLORS.contains(&part))))
}

/// Makes a text harmless except for the sequences that `color` accepts. `color` returns the content of `ESC [ … m`
/// and the text after it.
fn with_colors<'a>(text: &'a str, color: impl Fn(&'a str) -> Option<(&'a str, &'a str)>) -> String {
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

/// Returns a line of another program without its colours.
#[must_use]
pub fn without_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // The sequence has parameters, then one letter for the action.
        let end = part.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
        text.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain(text.trim_end_matches('\r'))
}

/// Escapes the characters that JSON permits and a terminal obeys. The document's meaning is unchanged.
#[must_use]
pub fn json(document: &str) -> String {
    let mut plain = String::with_capacity(document.len());
    for c in document.chars() {
        if acts(c) {
            // All of them have at most four digits.
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

/// Whether a character acts on a terminal: control characters, line and paragraph separators, marks that change the
/// direction of text, and invisible characters.
fn acts(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Splits the text after an escape character into `1;31` and the rest.
fn color(sequence: &str) -> Option<(&str, &str)> {
    sequence.strip_prefix('[')?.split_once('m')
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
        assert_eq!(output(&format!("{ours}\nnext")), "\u{1b}[1;31mno\u{1b}[0m\nnext");
        assert_eq!(output("\u{1b}[31ma name"), "\\u{1b}[31ma name");
        assert_eq!(foreign_output("\u{1b}[31mred"), "\u{1b}[31mred");
        for other in ["\u{1b}]0;title\u{7}", "\u{1b}[8mhidden", "\u{1b}[2J", "\u{1b}[38;5;1m", "\u{1b}", "\u{1b}[m"] {
            for shown in [output(other), foreign_output(other)] {
                assert!(!shown.contains('\u{1b}') && shown.starts_with("\\u{1b}"), "{shown:?}");
            }
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
