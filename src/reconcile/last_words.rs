//! Reads the last lines of a container's log, to explain an error.
//!
//! A log that cannot be read never replaces the error itself.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use crate::engine::{ContainerInside, LogsIo, LogsSpec};

/// The number of lines that fit below an error.
const LINES: u64 = 20;

/// Returns the last lines of both streams of the container's log; empty if the engine cannot read it.
pub async fn last_words(engine: &impl ContainerInside, container: &str) -> Vec<String> {
    let said = Collected::default();
    let spec = LogsSpec { follow: false, tail: Some(LINES), timestamps: false };
    let io = LogsIo { stdout: Box::new(said.clone()), stderr: Box::new(said.clone()) };
    // The log explains another error, so a failure here must not replace that error.
    let _ = engine.logs(container, &spec, io).await;
    let bytes = said.0.take();
    String::from_utf8_lossy(&bytes).lines().map(|line| line.trim_end().to_owned()).collect()
}

#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl AsyncWrite for Collected {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
