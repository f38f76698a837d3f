//! The caller's terminal while a command inside a container uses it: raw mode, size and input. This module prints
//! nothing.
//!
//! The terminal returns to its earlier mode however the command ends (an error, a panic, a handled signal): [`Raw`]
//! restores it when it is dropped.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// The terminal in raw mode until this is dropped. Every key goes to the command, also Ctrl-C.
#[derive(Debug)]
pub struct Raw {
    before: Termios,
}

impl Raw {
    /// Puts the terminal of standard input into raw mode.
    pub fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A failure has no reader, because the terminal itself is then closed.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.before);
    }
}

/// The terminal's columns and rows.
#[must_use]
pub fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(io::stdout()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0)?;
    Some((size.ws_col, size.ws_row))
}

/// The terminal's size now and after each change. Call it inside a `LocalSet`, because the watch ends with that set.
pub fn sizes() -> io::Result<mpsc::UnboundedReceiver<(u16, u16)>> {
    let mut changes = signal(SignalKind::window_change())?;
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::task::spawn_local(async move {
        loop {
            let told = size().is_none_or(|size| sender.send(size).is_ok());
            if !told || changes.recv().await.is_none() {
                return;
            }
        }
    });
    Ok(receiver)
}

/// Standard input, read by a separate thread. A read of a terminal cannot be cancelled, and the process must be able to
/// end during a read.
#[derive(Debug)]
pub struct TerminalInput {
    chunks: mpsc::Receiver<Vec<u8>>,
    rest: Vec<u8>,
}

impl TerminalInput {
    /// Starts the reading thread.
    #[must_use]
    pub fn open() -> Self {
        Self::of(io::stdin())
    }

    fn of(mut source: impl Read + Send + 'static) -> Self {
        let (sender, chunks) = mpsc::channel(4);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 32 * 1024];
            loop {
                match source.read(&mut buffer) {
                    Ok(count @ 1..) if sender.blocking_send(buffer[..count].to_vec()).is_ok() => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    _ => return,
                }
            }
        });
        Self { chunks, rest: Vec::new() }
    }
}

impl AsyncRead for TerminalInput {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            // A closed channel is the end of the input, so the buffer stays empty.
            let Some(chunk) = ready!(this.chunks.poll_recv(context)) else { return Poll::Ready(Ok(())) };
            this.rest = chunk;
        }
        let count = this.rest.len().min(into.remaining());
        into.put_slice(&this.rest[..count]);
        this.rest.drain(..count);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn input_arrives_whole_and_ends() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
        let mut read = Vec::new();
        TerminalInput::of(io::Cursor::new(bytes.clone())).read_to_end(&mut read).await.unwrap();
        assert!(read == bytes);
    }
}
