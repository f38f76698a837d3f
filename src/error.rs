//! The one error type that crosses rooms, and the exit codes.
//!
//! Each room has its own error enum that holds values. [`Report`] is the part that every error gives to the user: a
//! kind for scripts, an exit code, and hints. [`Error`] hides the room, so that a new room changes no list here.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// The exit codes of the process. Scripts depend on the numbers, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command succeeded.
    Done = 0,
    /// The command failed for a reason without a code of its own.
    Failed = 1,
    /// The command line or the manifest is wrong.
    Usage = 2,
    /// The facts conflict: no answer satisfies the manifest, the matrix and the host.
    Conflict = 3,
    /// The engine or the host is not usable as requested (also for a port or name in use).
    Unusable = 4,
    /// The image build failed.
    Build = 5,
    /// The lock no longer answers the manifest.
    LockStale = 6,
    /// `plan` found work to do.
    Work = 10,
    /// `exec` itself failed, as in Docker.
    Exec = 125,
    /// The command was found but cannot run, as in Docker.
    NotExecutable = 126,
    /// The command was not found, as in Docker.
    NotFound = 127,
    /// The terminal closed (SIGHUP).
    HungUp = 129,
    /// The user pressed Ctrl-C.
    Interrupted = 130,
    /// The process received SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Whether a signal ended the command.
    #[must_use]
    pub fn is_by_signal(self) -> bool {
        matches!(self, Self::HungUp | Self::Interrupted | Self::Terminated)
    }
}

/// Quotes a word so that a shell reads it back unchanged.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text in a form for messages: control characters are escaped, and a very long text is cut.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => escaped(text),
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
    }
}

/// Whether a character is invisible or changes the direction of others. With it, one name can look like another.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    // Unicode's format characters (Cf), the characters that a program can ignore (Default_Ignorable_Code_Point), and
    // the empty Braille pattern.
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text with control and invisible characters escaped. Quotes and backslashes stay, because they are part of names.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        // A backslash that would look like the start of an escape is escaped too, so that the output has only one
        // meaning.
        let is_ambiguous = character == '\\' && text[at + 1..].starts_with("u{");
        if is_ambiguous || is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A text in which each character of an address's name and password is a `*`: `https://***@host/x`. An address can be
/// invalid, so its parts are guessed; the guess hides too much rather than too little.
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        let hidden = user_part(address);
        shown.push_str(before);
        shown.extend(std::iter::repeat_n('*', hidden));
        rest = &address[hidden..];
    }
    shown + rest
}

/// The number of bytes before the `@` that ends the name and the password of an address.
fn user_part(address: &str) -> usize {
    let address = address.split(['"', '`', '<', '>', '\n', '\r']).next().unwrap_or_default();
    let authority = address.split(['/', '?', '#', ' ', '\t', ',']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return at;
    }
    // The password contains a `/` or a `#`: the text after the `:` is not a port.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.split_once(':') {
        Some((_, port)) if !is_port(port) => address.rfind('@').unwrap_or(0),
        _ => 0,
    }
}

/// A place in a user's text, shown with its line and a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The file of the text; `<stdin>` for a manifest on standard input.
    pub path: PathBuf,
    /// The complete text.
    pub text: String,
    /// The byte range in `text`.
    pub span: Range<usize>,
    /// A short label beside the caret.
    pub label: String,
}

/// The parts of a room's error that the user gets.
pub trait Report: std::error::Error + Send + Sync + 'static {
    /// A stable kebab-case word for scripts.
    fn kind(&self) -> &'static str;

    /// The exit code of the process for this error.
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    /// The hints, one action each, separate from the message.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// The places of the error in the user's own text, the main one first.
    fn snippets(&self) -> Vec<Snippet> {
        Vec::new()
    }

    /// The separate errors in this one, each shown alone. Empty: it is a single error.
    fn parts(&self) -> Vec<&dyn Report> {
        Vec::new()
    }

    /// Lines of another program's output for the end of the message, such as a build step's last lines.
    fn output(&self) -> Vec<String> {
        Vec::new()
    }

    /// The key and value that `--json` prints in place of `error`, because a conflict has its own shape.
    fn json(&self) -> Option<(&'static str, serde_json::Value)> {
        None
    }
}

/// An error of any room.
pub struct Error(Box<dyn Report>);

impl Error {
    /// The error of the room.
    #[must_use]
    pub fn report(&self) -> &dyn Report {
        &*self.0
    }
}

impl<R: Report> From<R> for Error {
    fn from(report: R) -> Self {
        Self(Box::new(report))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_shape_is_shown_as_an_escape_that_stands_for_it_alone() {
        for character in
            ['\u{200b}', '\u{202e}', '\u{3164}', '\u{ffa0}', '\u{2800}', '\u{fe0f}', '\u{e0100}', '\u{115f}']
        {
            assert_eq!(escaped(&format!("a{character}")), format!("a{}", character.escape_unicode()));
        }
        assert_eq!(escaped("a\\u{200b} b\\n"), "a\\u{5c}u{200b} b\\n");
    }

    #[test]
    fn names_are_shown_as_they_are() {
        assert_eq!(shown("/srv/h\"q'\\ é"), "/srv/h\"q'\\ é");
        assert_eq!(shown("a\n\u{1b}[2J\u{9b}"), "a\\n\\u{1b}[2J\\u{9b}");
    }

    #[test]
    fn no_password_of_an_address_is_shown() {
        for (text, expected) in [
            ("https://ada:pw@h/x y", "https://******@h/x y"),
            ("x @ http://ada@h", "x @ http://***@h"),
            ("https://ada:p/w@h/", "https://*******@h/"),
            ("https://ada:p#@w@h", "https://********@h"),
            (
                "a = [\"https://ada:p w@h\", \"https://b@c\"] # d@e",
                "a = [\"https://*******@h\", \"https://*@c\"] # d@e",
            ),
            ("https://h:8080/x@y", "https://h:8080/x@y"),
            ("https://h/x@y https://z", "https://h/x@y https://z"),
            ("ada@h: no address", "ada@h: no address"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }
}
