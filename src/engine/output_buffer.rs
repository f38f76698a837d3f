//! Collects an output stream of a command in memory, up to a limit.
//!
//! It is shared: the engine writes to one handle, and the caller takes the bytes from another.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// The limit for a collected stream in bytes: code in a container must not fill the memory.
const MOST_OUTPUT: usize = 1 << 20;

/// The command prints more than is collected.
#[derive(Debug, thiserror::Error)]
#[error("the command prints more than {} KiB", MOST_OUTPUT >> 10)]
struct OutputTooLong;

/// A collected stream.
#[derive(Clone, Default)]
pub(super) struct OutputBuffer(Rc<RefCell<Vec<u8>>>);

impl OutputBuffer {
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl AsyncWrite for OutputBuffer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut kept = self.0.borrow_mut();
        Poll::Ready(if kept.len() + bytes.len() > MOST_OUTPUT {
            Err(io::Error::other(OutputTooLong))
        } else {
            kept.extend_from_slice(bytes);
            Ok(bytes.len())
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
