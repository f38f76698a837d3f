//! The one error type that crosses rooms, and the exit codes.
//!
//! Each room has its own error enum that holds values. What every one of them owes the user is in [`Report`]: a kind
//! that scripts match on, an exit code, and hints. [`Error`] erases the room, so that adding one touches no list here.

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

/// A text as it may stand in a message: escaped, and cut where it is longer than anything a person meant.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        None => text.escape_debug().to_string(),
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
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
