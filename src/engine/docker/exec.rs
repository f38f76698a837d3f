//! Runs commands in a container: their streams, their terminal's size and their exit code.
//!
//! Output is passed on as it arrives, because code in a container must not fill the memory.

use std::pin::pin;
use std::time::Duration;

use bollard::models::ExecConfig;
use bollard::query_parameters::{LogsOptionsBuilder, ResizeExecOptionsBuilder};
use futures_util::StreamExt;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc::UnboundedReceiver;

use super::Docker;
use super::errors::Attempt;
use super::hijack::{self, HijackError};
use super::refusal::{RequestSubject, innermost_cause, not_run};
use crate::engine::{EngineError, ExecIo, ExecSpec, LogsIo, LogsSpec};

type Output = Box<dyn AsyncWrite + Unpin>;

/// The first bytes of 20.10's messages, on the command's own stdout, that no command was run.
const NOT_RUN: &[&[u8]] = &[b"OCI runtime exec failed", b"unable to find user ", b"unable to find group "];

fn reads_like_not_run(kept: &[u8]) -> bool {
    NOT_RUN.iter().any(|words| kept.starts_with(words) || words.starts_with(kept))
}

impl Docker {
    pub(super) async fn run_exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError> {
        let attempt = self.attempt("run a command in the container", RequestSubject::Container(container));
        let stdin = io.stdin.filter(|_| exec.stdin);
        let id = self.create_exec(exec, stdin.is_some(), &attempt).await?;
        let start = format!(r#"{{"Detach":false,"Tty":{}}}"#, exec.tty);
        let path = format!("/exec/{id}/start");
        let open = hijack::open_stream(&self.address, &path, "tcp", start.into_bytes());
        let pipe = tokio::time::timeout(self.patience.work, open).await;
        let pipe = pipe.map_err(|_| self.silent(attempt.action, self.patience.work))?.map_err(|error| match error {
            HijackError::Refused { text, .. } => attempt.refused(&text),
            HijackError::Transport(error) => attempt.broken(&*error),
        })?;
        let (from, to) = tokio::io::split(TokioIo::new(pipe));
        let mut printed = OutputForwarder::new(io.stdout, io.stderr);
        let copied = {
            let output = pin!(printed.copy(from, exec.tty));
            let input = pin!(self.feed(&id, to, stdin.map(|stdin| (stdin, exec.tty)), io.resizes));
            // The input never ends this loop: a command may outlive its standard input, and may end while it is open.
            match futures_util::future::select(output, input).await {
                futures_util::future::Either::Left((copied, _)) => copied,
                futures_util::future::Either::Right(((), output)) => output.await,
            }
        };
        copied.map_err(|error| match error {
            CopyError::Engine(error) => attempt.broken(&error),
            CopyError::Caller(error) => caller_error(&error),
        })?;
        let code = self.exit_code(&id, &attempt).await?;
        printed.finish(code, exec).await
    }

    async fn create_exec(
        &self,
        exec: &ExecSpec,
        attach_stdin: bool,
        attempt: &Attempt<'_>,
    ) -> Result<String, EngineError> {
        let ExecSpec { command, env, user, workdir, tty, stdin: _ } = exec.clone();
        let config = ExecConfig {
            attach_stdin: Some(attach_stdin),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(tty),
            cmd: Some(command),
            env: (!env.is_empty()).then_some(env),
            user: (!user.is_empty()).then_some(user),
            working_dir: (!workdir.is_empty()).then_some(workdir),
            ..ExecConfig::default()
        };
        let create = self.client.create_exec(attempt.subject.name(), config);
        Ok(self.within(self.patience.usual, attempt.action, attempt.subject, create).await?.id)
    }

    /// Copies the caller's input and passes its resizes on. Ends after both have ended.
    async fn feed(
        &self,
        id: &str,
        to: WriteHalf<TokioIo<Upgraded>>,
        stdin: Option<(Box<dyn AsyncRead + Unpin>, bool)>,
        resizes: Option<UnboundedReceiver<(u16, u16)>>,
    ) {
        futures_util::future::join(write_input(to, stdin), self.resize(id, resizes)).await;
    }

    /// Passes the terminal's sizes on. Errors are dropped, because a wrong size is no reason to end a session.
    async fn resize(&self, id: &str, resizes: Option<UnboundedReceiver<(u16, u16)>>) {
        let Some(mut resizes) = resizes else { return };
        while let Some((columns, rows)) = resizes.recv().await {
            let options = ResizeExecOptionsBuilder::new().w(i32::from(columns)).h(i32::from(rows)).build();
            let _ = self.client.resize_exec(id, options).await;
        }
    }

    /// Waits for the exit code: the engine closes the streams a moment before it knows the code.
    async fn exit_code(&self, id: &str, attempt: &Attempt<'_>) -> Result<i64, EngineError> {
        const LONGEST: u32 = 500;
        for wait in 0..LONGEST {
            let inspect = self.client.inspect_exec(id);
            let state = self.within(self.patience.usual, attempt.action, attempt.subject, inspect).await?;
            if let (Some(false), Some(code)) = (state.running, state.exit_code) {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(u64::from(wait.min(20)))).await;
        }
        Err(EngineError::ConnectionLost { reason: "the command's streams ended and the command did not".into() })
    }

    pub(super) async fn copy_logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError> {
        let attempt = self.attempt("read the container's log", RequestSubject::Container(container));
        let tail = logs.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .follow(logs.follow)
            .tail(&tail)
            .timestamps(logs.timestamps)
            .build();
        let LogsIo { mut stdout, mut stderr } = io;
        let mut stream = pin!(self.client.logs(container, Some(options)));
        let mut first = true;
        loop {
            // A followed log may be silent for ever; a plain one is available at once.
            let next = if first && !logs.follow {
                let next = tokio::time::timeout(self.patience.usual, stream.next()).await;
                next.map_err(|_| self.silent(attempt.action, self.patience.usual))?
            } else {
                stream.next().await
            };
            first = false;
            let Some(chunk) = next else { break };
            let chunk = chunk.map_err(|error| attempt.failed(error))?;
            let out =
                if matches!(chunk, bollard::container::LogOutput::StdErr { .. }) { &mut stderr } else { &mut stdout };
            write_through(out, &chunk.into_bytes()).await.map_err(|error| caller_error(&error))?;
        }
        for out in [&mut stdout, &mut stderr] {
            out.shutdown().await.map_err(|error| caller_error(&error))?;
        }
        Ok(())
    }
}

/// Copies standard input and then closes it, except on a terminal: there the engine would end the whole session and
/// drop the remaining output. A command that stopped reading is not an error of envctl.
async fn write_input(mut to: WriteHalf<TokioIo<Upgraded>>, stdin: Option<(Box<dyn AsyncRead + Unpin>, bool)>) {
    let Some((mut stdin, tty)) = stdin else { return };
    let mut buffer = vec![0; 32 * 1024];
    while let Ok(count @ 1..) = stdin.read(&mut buffer).await {
        if to.write_all(&buffer[..count]).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
    if !tty {
        let _ = to.shutdown().await;
    }
}

/// The side of a copy that broke.
enum CopyError {
    Engine(std::io::Error),
    Caller(std::io::Error),
}

/// The output of a command on its way to the caller.
struct OutputForwarder {
    stdout: Output,
    stderr: Output,
    /// The beginning of stdout, held back while it matches 20.10's message that no command was run.
    kept: Option<Vec<u8>>,
}

impl OutputForwarder {
    fn new(stdout: Output, stderr: Output) -> Self {
        Self { stdout, stderr, kept: Some(Vec::new()) }
    }

    async fn copy(&mut self, mut from: ReadHalf<TokioIo<Upgraded>>, tty: bool) -> Result<(), CopyError> {
        let mut buffer = vec![0; 32 * 1024];
        let mut frames = Frames::default();
        loop {
            let count = from.read(&mut buffer).await.map_err(CopyError::Engine)?;
            if count == 0 {
                return Ok(());
            }
            let written =
                if tty { self.out(&buffer[..count]).await } else { self.frames(&mut frames, &buffer[..count]).await };
            written.map_err(CopyError::Caller)?;
        }
    }

    async fn frames(&mut self, frames: &mut Frames, mut bytes: &[u8]) -> std::io::Result<()> {
        while let Some((stream, payload)) = frames.next(&mut bytes) {
            if stream == 2 {
                write_through(&mut self.stderr, payload).await?;
            } else {
                self.out(payload).await?;
            }
        }
        Ok(())
    }

    async fn out(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(kept) = &mut self.kept else { return write_through(&mut self.stdout, bytes).await };
        kept.extend_from_slice(bytes);
        if reads_like_not_run(kept) {
            return Ok(());
        }
        let kept = self.kept.take().unwrap_or_default();
        write_through(&mut self.stdout, &kept).await
    }

    /// Decides with the exit code whether the held bytes are the engine's message or the command's output.
    async fn finish(mut self, code: i64, exec: &ExecSpec) -> Result<i64, EngineError> {
        let kept = self.kept.take().unwrap_or_default();
        let words = String::from_utf8_lossy(&kept);
        if matches!(code, 126 | 127)
            && !kept.is_empty()
            && reads_like_not_run(&kept)
            && let Some((command, code)) = not_run(&words)
        {
            let named = exec.command.first().map_or("", String::as_str);
            return Err(EngineError::CommandNotRun {
                command: command.unwrap_or(named).to_owned(),
                reason: innermost_cause(&words),
                code,
            });
        }
        write_through(&mut self.stdout, &kept).await.map_err(|error| caller_error(&error))?;
        Ok(code)
    }
}

/// The engine's framing of two streams in one: a byte for the stream, three zero bytes, four for the length. Received
/// parts of a frame are passed on at once, because the engine sets the length and it may be 4 GiB.
#[derive(Default)]
struct Frames {
    header: Vec<u8>,
    /// The stream of the present frame and the number of its missing bytes.
    open: Option<(u8, usize)>,
}

impl Frames {
    /// Takes the next piece of a stream from the beginning of `bytes`; `None` if more bytes are needed.
    fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
        while self.open.is_none() {
            let missing = bytes.len().min(8 - self.header.len());
            let (taken, rest) = bytes.split_at(missing);
            self.header.extend_from_slice(taken);
            *bytes = rest;
            let &[stream, _, _, _, a, b, c, d] = self.header.as_slice() else { return None };
            self.header.clear();
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            self.open = (length > 0).then_some((stream, length));
        }
        let (stream, left) = self.open.filter(|_| !bytes.is_empty())?;
        let (piece, rest) = bytes.split_at(bytes.len().min(left));
        *bytes = rest;
        self.open = (piece.len() < left).then(|| (stream, left - piece.len()));
        Some((stream, piece))
    }
}

async fn write_through(out: &mut Output, bytes: &[u8]) -> std::io::Result<()> {
    out.write_all(bytes).await?;
    out.flush().await
}

fn caller_error(error: &std::io::Error) -> EngineError {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return EngineError::OutputClosed;
    }
    EngineError::Local { action: "write the output".into(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_put_together_across_reads() {
        let mut frames = Frames::default();
        let mut pieces = Vec::new();
        let reads: [&[u8]; 4] = [
            &[1, 0, 0, 0, 0, 0, 0, 3, b'a', b'b'],
            &[b'c', 2, 0, 0],
            &[0, 0, 0, 0, 1],
            &[b'!', 1, 0, 0, 0, 0, 0, 0, 0],
        ];
        for mut read in reads {
            while let Some((stream, piece)) = frames.next(&mut read) {
                pieces.push((stream, piece.to_vec()));
            }
        }
        assert_eq!(pieces, [(1, b"ab".to_vec()), (1, b"c".to_vec()), (2, b"!".to_vec())]);
    }

    #[test]
    fn a_frame_that_claims_four_gigabytes_is_passed_on_as_it_comes() {
        let mut frames = Frames::default();
        let mut read: &[u8] = &[1, 0, 0, 0, 255, 255, 255, 255, b'a'];
        assert_eq!(frames.next(&mut read), Some((1, b"a".as_slice())));
        assert_eq!(frames.next(&mut read), None);
        assert!(frames.header.capacity() < 64);
    }
}
