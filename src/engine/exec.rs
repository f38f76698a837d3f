//! Commands that run in a container, their streams, and requests for a container's log.
//!
//! These types are envctl's own; only the adapter under `docker` translates them.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;

/// A command to run in a container.
#[derive(Clone, Debug, Default)]
pub struct ExecSpec {
    pub command: Vec<String>,
    pub env: Vec<String>,
    /// `uid:gid` or a name; empty: the container's user.
    pub user: String,
    /// The working directory; empty: the container's.
    pub workdir: String,
    pub tty: bool,
    pub stdin: bool,
}

/// The caller's side of an exec. The engine copies bytes and receives resizes; the caller sets raw mode.
pub struct ExecIo {
    /// The standard input of the command; `None`: no input.
    pub stdin: Option<Box<dyn AsyncRead + Unpin>>,
    /// The standard output of the command.
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    /// The standard error of the command; unused with a TTY.
    pub stderr: Box<dyn AsyncWrite + Unpin>,
    /// Terminal sizes (columns, rows); the first one is sent at once.
    pub resizes: Option<UnboundedReceiver<(u16, u16)>>,
}

/// The output of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    pub code: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// The part of a log to show.
#[derive(Clone, Debug, Default)]
pub struct LogsSpec {
    pub follow: bool,
    /// The number of last lines; `None`: all.
    pub tail: Option<u64>,
    pub timestamps: bool,
}

/// The streams that receive a log.
pub struct LogsIo {
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    pub stderr: Box<dyn AsyncWrite + Unpin>,
}
