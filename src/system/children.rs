//! Child commands: none of them survives the work that it was started for.
//!
//! When nobody waits for a child any more (the work was dropped, a signal came), the child and its descendants are
//! asked to end. A child that does not end is killed. If this process itself is killed, the kernel asks the child
//! ([`System::bound_command`]).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::Child;

use super::System;

/// The time limit for lines that arrive after a child has ended.
const LEFTOVERS: Duration = Duration::from_millis(200);

/// The time limit for a child's own cleaning up before it is killed: `mmdebstrap` removes a root file system.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// The pause between two looks at a child that was asked to end.
const POLL: Duration = Duration::from_millis(10);

/// The limit for the collected bytes of one stream. The answer of a package tool has less than a tenth.
const MOST_OUTPUT: u64 = 64 << 20;

/// The limit for a line of output in bytes: an endless line must not fill the memory.
const LONGEST_LINE: u64 = 1 << 20;

impl System {
    /// Returns a child command that the kernel asks to end if this process is killed. On a host without a suitable
    /// `setpriv`, the child ends when nobody reads its output.
    #[must_use]
    pub fn bound_command(&self, program: &Path) -> tokio::process::Command {
        let Some(setpriv) = self.find_util_linux("setpriv") else { return async_command(program) };
        let mut command = async_command(setpriv);
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        command
    }

    /// Returns a child command that may mount file systems and signal its whole process group. It has its own group
    /// and, for root, its own namespaces. When it or this process ends in any way, its processes and mounts
    /// disappear.
    #[must_use]
    pub fn contained_command(&self, program: &Path) -> tokio::process::Command {
        let programs = self.find_util_linux("setpriv").zip(self.find_util_linux("unshare"));
        let mut command = match programs.filter(|(_, unshare)| self.is_root && may_unshare(unshare)) {
            Some((setpriv, unshare)) => {
                let mut command = async_command(setpriv);
                // `unshare` blocks TERM while its child runs.
                command.args(["--pdeathsig", "KILL", "--"]).arg(unshare).args(NAMESPACES).arg(program);
                command
            }
            None => self.bound_command(program),
        };
        command.process_group(0);
        command
    }

    /// Finds a program of util-linux. Other programs with these names (links to `busybox`) lack some options.
    fn find_util_linux(&self, name: &str) -> Option<PathBuf> {
        let is_genuine =
            |file: &PathBuf| file.canonicalize().is_ok_and(|real| real.file_name() == Some(OsStr::new(name)));
        self.find_program(name).filter(is_genuine)
    }
}

/// The options for a mount and a process namespace with a first process that ends together with `unshare`.
const NAMESPACES: [&str; 8] =
    ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"];

/// Whether namespaces are permitted; root in a container may lack the permission.
fn may_unshare(unshare: &Path) -> bool {
    let mut probe = command(unshare);
    probe.args(NAMESPACES).arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Returns a child command with this process's environment. It uses no shell.
pub fn command(program: impl AsRef<OsStr>) -> std::process::Command {
    std::process::Command::new(program)
}

/// As [`command`], for an asynchronous wait. Dropping the child kills it.
pub fn async_command(program: impl AsRef<OsStr>) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(program);
    command.kill_on_drop(true);
    command
}

/// Runs a child to its end and collects its output. The child has no input.
///
/// # Errors
/// The child cannot be started, or it is ended because it prints more than [`MOST_OUTPUT`] on one stream.
pub async fn output(mut command: tokio::process::Command) -> std::io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Guarded(command.spawn()?);
    let (out, err) = (child.0.stdout.take(), child.0.stderr.take());
    let (stdout, stderr) = futures_util::future::try_join(limited(out), limited(err)).await?;
    Ok(Output { status: child.0.wait().await?, stdout, stderr })
}

/// Reads a stream to its end.
async fn limited(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(MOST_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > MOST_OUTPUT {
        return Err(std::io::Error::other(format!("it prints more than {} MiB", MOST_OUTPUT >> 20)));
    }
    Ok(bytes)
}

/// Runs a child to its end and passes its lines on as they arrive, from both streams in the order of printing.
/// `input` is its standard input. It does not wait for a program that the child leaves in the background.
pub async fn run_lines(
    mut command: tokio::process::Command,
    input: Option<&str>,
    mut each: impl FnMut(String),
) -> std::io::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = Guarded(command.spawn()?);
    // The command value holds the other end of the pipe; without it, the reader sees the end when the child ends.
    drop(command);
    if let (Some(mut stdin), Some(input)) = (child.0.stdin.take(), input) {
        stdin.write_all(input.as_bytes()).await?;
    }
    let reading = async {
        let mut reader = BufReader::new(pipe::Receiver::from_owned_fd(reader.into())?);
        let mut bytes = Vec::new();
        while (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut bytes).await? > 0 {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if !line.is_empty() {
                each(line);
            }
            bytes.clear();
        }
        std::io::Result::Ok(())
    };
    tokio::pin!(reading);
    tokio::select! {
        read = &mut reading => {
            read?;
            child.0.wait().await
        }
        status = child.0.wait() => {
            let _ = tokio::time::timeout(LEFTOVERS, reading).await;
            status
        }
    }
}

/// A child that ends when this value is dropped.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // A child without a process ID has already been waited for.
        let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) else { return };
        for process in family(pid) {
            // A process that has ended in the meantime needs no signal.
            let _ = kill_process(process, Signal::TERM);
        }
        let deadline = Instant::now() + CLEAN_UP;
        while Instant::now() < deadline && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(POLL);
        }
        // `kill_on_drop` kills the child if it still runs.
    }
}

/// Returns a process and all its descendants. The signal goes to each, because some programs end only after their
/// children.
fn family(pid: Pid) -> Vec<Pid> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        let parent = parent.as_raw_nonzero();
        let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for thread in threads.flatten() {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> tokio::process::Command {
        let mut command = async_command("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_child_that_is_not_waited_for_cleans_up_and_ends_with_what_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let (ready, cleaned) = (directory.path().join("ready"), directory.path().join("cleaned"));
        let script =
            format!("trap 'touch {}; exit' TERM; sleep 600 & touch {}; wait", cleaned.display(), ready.display());
        let mut running = Box::pin(output(shell(&script)));
        while !ready.exists() {
            assert!(futures_util::poll!(&mut running).is_pending());
            tokio::time::sleep(POLL).await;
        }
        drop(running);
        assert!(cleaned.exists());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn output_is_collected_from_both_streams() {
        let output = output(shell("echo out; echo err >&2; exit 3")).await.unwrap();
        assert_eq!(
            (output.status.code(), output.stdout, output.stderr),
            (Some(3), b"out\n".to_vec(), b"err\n".to_vec())
        );
    }
}
