//! Commands that run in a container, their streams, and requests for a container's log.
//!
//! These types are envctl's own; only the adapter under `docker` translates them.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;

/// A command to run inside.
#[derive(Clone, Debug, Default)]
pub struct ExecSpec {
    pub command: Vec<String>,
    pub env: Vec<String>,
    /// `uid:gid` or a name; empty: the container's.
    pub user: String,
    /// Empty: the container's.
    pub workdir: String,
    pub tty: bool,
    pub stdin: bool,
}

/// The caller's side of an exec. The engine copies bytes and listens for resizes; raw mode is the caller's business.
pub struct ExecIo {
    /// What the command reads; none: it reads nothing.
    pub stdin: Option<Box<dyn AsyncRead + Unpin>>,
    /// What it prints.
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    /// What it prints as errors (nothing comes here with a TTY).
    pub stderr: Box<dyn AsyncWrite + Unpin>,
    /// Terminal sizes (columns, rows), the first at once.
    pub resizes: Option<UnboundedReceiver<(u16, u16)>>,
}

/// What a command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    pub code: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Which part of a log.
#[derive(Clone, Debug, Default)]
pub struct LogsSpec {
    pub follow: bool,
    /// The last so many lines; none: all.
    pub tail: Option<u64>,
    pub timestamps: bool,
}

/// Where a log goes.
pub struct LogsIo {
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    pub stderr: Box<dyn AsyncWrite + Unpin>,
}
