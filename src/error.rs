//! The one error type that crosses rooms, and the exit codes.
//!
//! Each room has its own error enum that holds values. [`Report`] is the part that every error gives to the user: a
//! kind for scripts, an exit code, and hints. [`Error`] hides the room, so that a new room changes no list here.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// What the process exits with. The numbers are a contract that people script against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed, for a reason that none of the others names.
    Failed = 1,
    /// The command line or the manifest is wrong.
    Usage = 2,
    /// The facts clash: nothing can satisfy manifest, matrix and host together.
    Conflict = 3,
    /// The engine or the host can't be used as asked (taken ports and names too).
    Unusable = 4,
    /// The image did not build.
    Build = 5,
    /// The lock no longer answers the manifest.
    LockStale = 6,
    /// `plan` found something to do.
    Work = 10,
    /// `exec`'s own failure, as in Docker.
    Exec = 125,
    /// The command was found and can't be run, as in Docker.
    NotExecutable = 126,
    /// The command was not found, as in Docker.
    NotFound = 127,
    /// The terminal is gone (SIGHUP).
    HungUp = 129,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Whether a signal ended the command.
    #[must_use]
    pub fn is_by_signal(self) -> bool {
        matches!(self, Self::HungUp | Self::Interrupted | Self::Terminated)
    }
}

/// A word as a shell reads it back.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text as it may stand in a message: control characters escaped, and cut where it is longer than anything a person
/// meant.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => escaped(text),
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
    }
}

/// Whether a character has no shape of its own or turns others around: with it, one name looks like another.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    // Unicode's format characters (Cf), what it lets a program ignore (Default_Ignorable_Code_Point), and the empty Braille
    // pattern.
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text as it is, but for control and invisible characters: quotes and backslashes are part of names.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        // A backslash that would read as the beginning of an escape is one itself: what is shown means one text alone.
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

/// A text without the names and passwords of the addresses in it, each character of them a `*`: `https://***@host/x`. An
/// address may be wrong, so that its parts are only guessed: rather too much is hidden than too little.
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

/// The bytes before the `@` that ends the name and the password of an address.
fn user_part(address: &str) -> usize {
    let address = address.split(['"', '`', '<', '>', '\n', '\r']).next().unwrap_or_default();
    let authority = address.split(['/', '?', '#', ' ', '\t', ',']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return at;
    }
    // A password with a `/` or a `#` in it: what stands behind the `:` is no port.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.split_once(':') {
        Some((_, port)) if !is_port(port) => address.rfind('@').unwrap_or(0),
        _ => 0,
    }
}

/// A place in a text that a person wrote, to be shown with its line and a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The file the text came from; `<stdin>` for a manifest on standard input.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
    /// Byte range in `text`.
    pub span: Range<usize>,
    /// A few words to stand beside the caret: what was found.
    pub label: String,
}

/// What a room's error owes to the person who meets it.
pub trait Report: std::error::Error + Send + Sync + 'static {
    /// A stable kebab-case word for scripts.
    fn kind(&self) -> &'static str;

    /// The exit code this error ends the process with.
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    /// Advice, one action each, apart from the message.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// The places in the user's own text that it is about, the main one first.
    fn snippets(&self) -> Vec<Snippet> {
        Vec::new()
    }

    /// The separate errors this one is made of, each shown on its own; empty: it is one.
    fn parts(&self) -> Vec<&dyn Report> {
        Vec::new()
    }

    /// Lines of another program's output that belong under the message (a build step's last words).
    fn output(&self) -> Vec<String> {
        Vec::new()
    }

    /// What `--json` prints under another key than `error` (a conflict has a shape of its own).
    fn json(&self) -> Option<(&'static str, serde_json::Value)> {
        None
    }
}

/// Any room's error.
pub struct Error(Box<dyn Report>);

impl Error {
    /// The room's own error.
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

/// What commands return.
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
