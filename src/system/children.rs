//! Child commands: none of them survives the work that it was started for.
//!
//! If nobody waits for a child any more (the work was dropped, a signal came), the child and all its descendants are
//! asked to end, and are killed otherwise. If this process itself is killed, the kernel asks the child
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

/// How long lines may still arrive after a child has ended.
const LEFTOVERS: Duration = Duration::from_millis(200);

/// How long a child may take to clean up before it is killed: `mmdebstrap` removes a root file system.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// How often a child that was asked to end is looked at.
const POLL: Duration = Duration::from_millis(10);

/// How much is collected of one stream, in bytes. A package tool's answer has less than a tenth.
const MOST_OUTPUT: u64 = 64 << 20;

/// A line of output is cut here: a child that never ends its line must not fill the memory.
const LONGEST_LINE: u64 = 1 << 20;

impl System {
    /// A child command that the kernel asks to end when this process is killed. Where the host has no `setpriv` that can
    /// say so, the child ends when it finds nobody to write to.
    #[must_use]
    pub fn bound_command(&self, program: &Path) -> tokio::process::Command {
        let Some(setpriv) = self.find_util_linux("setpriv") else { return async_command(program) };
        let mut command = async_command(setpriv);
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        command
    }

    /// A child command that mounts file systems and signals its whole process group. It has a group of its own, and, for
    /// root, namespaces: when it or this process ends, in whatever way, its processes and its mounts are gone.
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

    /// Other makers' programs of these names (links to `busybox`) do not know all options.
    fn find_util_linux(&self, name: &str) -> Option<PathBuf> {
        let is_genuine =
            |file: &PathBuf| file.canonicalize().is_ok_and(|real| real.file_name() == Some(OsStr::new(name)));
        self.find_program(name).filter(is_genuine)
    }
}

/// A mount and a process namespace, whose first process ends with `unshare` itself.
const NAMESPACES: [&str; 8] =
    ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"];

/// Root in a container may not be permitted to.
fn may_unshare(unshare: &Path) -> bool {
    let mut probe = command(unshare);
    probe.args(NAMESPACES).arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// A child command, with this process's environment. Nothing goes through a shell.
pub fn command(program: impl AsRef<OsStr>) -> std::process::Command {
    std::process::Command::new(program)
}

/// Likewise, for an asynchronous wait. Dropping the child kills it.
pub fn async_command(program: impl AsRef<OsStr>) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(program);
    command.kill_on_drop(true);
    command
}

/// Runs a child to its end and collects what it prints. It reads nothing.
///
/// # Errors
/// It can't be started, or it prints more than [`MOST_OUTPUT`] on one stream: then it is ended.
pub async fn output(mut command: tokio::process::Command) -> std::io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Guarded(command.spawn()?);
    let (out, err) = (child.0.stdout.take(), child.0.stderr.take());
    let (stdout, stderr) = futures_util::future::try_join(limited(out), limited(err)).await?;
    Ok(Output { status: child.0.wait().await?, stdout, stderr })
}

/// What a stream brings until its end.
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

/// Runs a child to its end and hands over its lines, of both streams in the order printed, as they come. `input` is what
/// it reads. A program that it leaves in the background is not waited for.
pub async fn run_lines(
    mut command: tokio::process::Command,
    input: Option<&str>,
    mut each: impl FnMut(String),
) -> std::io::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = Guarded(command.spawn()?);
    // The command value holds the pipe's other end: without it, the reader sees the end when the child is done.
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

/// A child that ends with this value.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // Without a number it has been waited for.
        let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) else { return };
        for process in family(pid) {
            // Who has ended meanwhile needs no signal.
            let _ = kill_process(process, Signal::TERM);
        }
        let deadline = Instant::now() + CLEAN_UP;
        while Instant::now() < deadline && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(POLL);
        }
        // Killed by `kill_on_drop` where it is still there.
    }
}

/// A process and all that descend from it. The signal goes to each: some programs leave their own end to their children.
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
