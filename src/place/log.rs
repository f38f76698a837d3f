//! The request for an environment's log and the streams that receive it.
//!
//! These types name no engine, so that every place can serve them.

use tokio::io::AsyncWrite;

/// Which part of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// Go on with what comes later.
    pub follow: bool,
    /// The last so many lines; none: all.
    pub tail: Option<u64>,
    pub timestamps: bool,
}

/// Where a log goes.
pub struct LogStreams {
    pub stdout: Box<dyn AsyncWrite + Unpin>,
    pub stderr: Box<dyn AsyncWrite + Unpin>,
}
