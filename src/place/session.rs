//! A command that runs in an environment while its caller waits.
//!
//! It describes the command and its streams; the place runs it.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::error::Result;
use crate::manifest::EnvName;

/// A command to run in an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRequest {
    /// The command; empty: a login shell.
    pub command: Vec<String>,
    /// Whether it runs as root instead of the environment's user.
    pub root: bool,
    /// The working directory in the container; `None`: the environment's own.
    pub workdir: Option<String>,
    /// More variables, in this order.
    pub env: Vec<(EnvName, String)>,
    /// Whether it gets a terminal.
    pub tty: bool,
    /// The caller's `TERM`, for a session with a terminal.
    pub term: Option<String>,
}

/// The caller's side of a session. The caller sets raw mode.
pub struct SessionStreams {
    /// The standard input of the command.
    pub stdin: Box<dyn AsyncRead + Unpin>,
    /// The standard output of the command.
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    /// The standard error of the command; unused by a session with a terminal.
    pub stderr: Box<dyn AsyncWrite + Unpin>,
    /// Terminal sizes (columns, rows), the first one at once; `None` without a terminal.
    pub resizes: Option<UnboundedReceiver<(u16, u16)>>,
}

/// The reason why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The command ended with this exit code.
    Command(i64),
    /// The reader of the output closed it.
    Unread,
}

/// An open session.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Session {
    /// Runs the command with the caller's streams until it ends. Dropping the future leaves the command running.
    ///
    /// # Errors
    /// The command cannot be started, or the connection to the place breaks.
    async fn join(&self, streams: SessionStreams) -> Result<SessionEnd>;

    /// Sends a signal (`TERM`) to the command and its children, for a caller that no longer waits.
    async fn signal(&self, signal: &str) -> Result<()>;
}
