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
pub trait Report: std::error::Error + std::any::Any + Send + Sync {
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

    /// The error of one room, if it is of that room.
    #[must_use]
    pub fn downcast_ref<R: Report>(&self) -> Option<&R> {
        let any: &dyn std::any::Any = &*self.0;
        any.downcast_ref()
    }

    /// The same as a value; of another room, the error itself.
    ///
    /// # Errors
    /// The error is of another room.
    pub fn downcast<R: Report>(self) -> std::result::Result<R, Self> {
        if self.downcast_ref::<R>().is_none() {
            return Err(self);
        }
        let any: Box<dyn std::any::Any> = self.0;
        Ok(*any.downcast().expect("the type was checked"))
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
