//! Makes a stream from others (a container's log) harmless for a terminal.
//!
//! Its lines and colours stay, and no other sequence has an effect. Bytes for a pipe or a file do not pass through
//! this file.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use super::plain;

/// The limit in bytes for a part of a line that waits for its end.
const LONGEST: usize = 64 * 1024;

/// The sequence that ends a colour which a line leaves on.
const RESET: &str = "\u{1b}[0m";

/// A stream that passes harmless lines on. A last line without a line break is written at the shutdown.
pub struct PlainStream<W> {
    inner: W,
    /// A line that has not ended yet.
    line: Vec<u8>,
    /// Harmless bytes that `inner` has not accepted yet.
    ready: Vec<u8>,
}

impl<W: AsyncWrite + Unpin> PlainStream<W> {
    /// Returns a stream that writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, line: Vec::new(), ready: Vec::new() }
    }

    fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > LONGEST {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.ready.extend_from_slice(plain_line(&String::from_utf8_lossy(&line)).as_bytes());
    }

    fn drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ready.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_write(context, &self.ready))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => drop(self.ready.drain(..count)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Makes a line or a part of it harmless. A carriage return becomes a line break, because it would let later text
/// hide earlier text.
fn plain_line(line: &str) -> String {
    let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
    let shown = plain::foreign_output(&line.trim_end_matches('\r').replace('\r', "\n"));
    let reset = if shown.contains('\u{1b}') { RESET } else { "" };
    format!("{shown}{reset}{end}")
}

impl<W: AsyncWrite + Unpin> AsyncWrite for PlainStream<W> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.drain(context))?;
        this.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.drain(context))?;
        Pin::new(&mut this.inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.end_line();
        ready!(this.drain(context))?;
        Pin::new(&mut this.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    async fn shown(parts: &[&[u8]]) -> String {
        let mut stream = PlainStream::new(Vec::new());
        for part in parts {
            stream.write_all(part).await.unwrap();
            stream.flush().await.unwrap();
        }
        stream.shutdown().await.unwrap();
        String::from_utf8(stream.inner).unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nothing_of_a_log_acts_on_a_terminal() {
        assert_eq!(shown(&[b"a\tb\r\nc\n"]).await, "a\tb\nc\n");
        assert_eq!(shown(&["caf\u{e9}\u{9b}2J\n".as_bytes()]).await, "caf\u{e9}\\u{9b}2J\n");
        assert_eq!(shown(&[b"\x1b]0;ow", b"ned\x07\x1b[2J\n"]).await, "\\u{1b}]0;owned\\u{7}\\u{1b}[2J\n");
        assert_eq!(shown(&[b"secret\rshown\n\x08\n"]).await, "secret\nshown\n\\u{8}\n");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn colours_and_characters_survive_and_no_colour_outlives_its_line() {
        assert_eq!(
            shown(&[b"\x1b[3", b"1mred\n", "é".as_bytes().split_at(1).0, "é".as_bytes().split_at(1).1, b"\n"]).await,
            "\u{1b}[31mred\u{1b}[0m\né\n"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_line_without_an_end_is_shown_and_an_endless_one_is_not_held() {
        assert_eq!(shown(&[b"prompt> "]).await, "prompt> ");
        let mut stream = PlainStream::new(Vec::new());
        stream.write_all(&vec![b'x'; 3 * LONGEST]).await.unwrap();
        stream.flush().await.unwrap();
        assert_eq!(stream.inner.len(), 3 * LONGEST);
    }
}
