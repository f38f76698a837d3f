//! A command that runs in an environment while its caller waits.
//!
//! It describes the command and its streams; the place runs it.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::error::Result;

/// What is to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRequest {
    /// Empty: a login shell.
    pub command: Vec<String>,
    /// As root, and not as the user whom the environment was made for.
    pub root: bool,
    /// The directory inside; none: the one that the environment was made for.
    pub workdir: Option<String>,
    /// `NAME=VALUE`
    pub env: Vec<String>,
    /// Whether it gets a terminal.
    pub tty: bool,
    /// The caller's `TERM`, which a session with a terminal gets.
    pub term: Option<String>,
}

/// The caller's side of a session. Raw mode is the caller's business.
pub struct SessionStreams {
    /// What the command reads.
    pub stdin: Box<dyn AsyncRead + Unpin>,
    /// What it prints.
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    /// What it prints as errors; nothing comes here from a session with a terminal.
    pub stderr: Box<dyn AsyncWrite + Unpin>,
    /// Terminal sizes (columns, rows), the first at once; none without a terminal.
    pub resizes: Option<UnboundedReceiver<(u16, u16)>>,
}

/// Why the caller and the command parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The command ended, with this code.
    Command(i64),
    /// Nobody reads what it prints.
    Unread,
}

/// A session that was opened.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Session {
    /// Runs the command with the caller's streams until it ends. Dropping the future leaves the command running.
    ///
    /// # Errors
    /// Where the command can't be started, or the place goes away.
    async fn join(&self, streams: SessionStreams) -> Result<SessionEnd>;

    /// Sends a signal (`TERM`) to the command and to what it started, for a caller that no longer waits.
    async fn signal(&self, signal: &str) -> Result<()>;
}
