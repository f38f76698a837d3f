//! The request for an environment's log and the streams that receive it.
//!
//! These types name no engine, so that every place can serve them.

use tokio::io::AsyncWrite;

/// The part of a log to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// Whether to continue with later output.
    pub follow: bool,
    /// The number of last lines; `None`: all.
    pub tail: Option<u64>,
    pub timestamps: bool,
}

/// The streams that receive a log.
pub struct LogStreams {
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    pub stderr: Box<dyn AsyncWrite + Unpin>,
}
