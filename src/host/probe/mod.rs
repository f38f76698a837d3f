//! Asks the machine: files of `/proc`, `/sys` and `/etc`, the driver's library, `nvidia-smi`, `getconf`.
//!
//! What can't be learned is left out; what should have been there and is not becomes a problem. A machine without any
//! NVIDIA software is a normal machine and has no problems. Nothing here is started, loaded into the kernel or changed.

mod machine;
mod nvidia;
mod nvml;
mod smi;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::{EngineFacts, Fact, HostFacts, SCHEMA};
use crate::engine::EngineInfo;
use crate::system::{self, System};

/// How long a command that is asked for a fact may take. `nvidia-smi` on a machine with many sleeping GPUs takes seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Learns what this machine is. `root` stands for `/`, so that a directory of captured files can stand for a machine;
/// commands are looked for on the `PATH` of `system` all the same. The engine is the caller's to ask.
#[must_use]
pub fn probe(system: &System, root: &Path, engine: Option<Fact<EngineFacts>>) -> HostFacts {
    let machine = Machine { system, root };
    thread::scope(|scope| {
        let glibc = scope.spawn(|| machine.glibc());
        let nvidia = nvidia::probe(&machine);
        HostFacts {
            schema: SCHEMA,
            hostname: machine.hostname(),
            arch: machine.arch(),
            distribution: machine.distribution(),
            kernel: machine.kernel(),
            glibc: glibc.join().unwrap_or_default(),
            memory: machine.memory(),
            cpus: machine.cpus(),
            driver: nvidia.driver,
            driver_cuda: nvidia.driver_cuda,
            gpus: nvidia.gpus,
            engine,
            problems: nvidia.problems,
        }
    })
}

/// Where to look.
struct Machine<'a> {
    system: &'a System,
    root: &'a Path,
}

impl Machine<'_> {
    /// Whether it is the one this process runs on.
    fn is_this_one(&self) -> bool {
        self.root == Path::new("/")
    }

    fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// The text of a file, where there is one. Files of `/proc` that can't be read are as good as not there.
    fn read(&self, absolute: &str) -> Option<String> {
        let bytes = std::fs::read(self.path(absolute)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn exists(&self, absolute: &str) -> bool {
        self.path(absolute).exists()
    }

    /// The names in a directory, sorted.
    fn names(&self, absolute: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(absolute)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// A fact from the text of a file.
    fn file_fact<T>(&self, absolute: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Fact<T>> {
        Some(Fact::new(parse(&self.read(absolute)?)?, absolute))
    }

    /// What a command prints, both streams, and whether it ended well. `None` where it can't be run or does not end.
    fn ask(program: &Path, arguments: &[&str]) -> Option<(bool, String)> {
        let mut command = system::command(program);
        command.args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let streams = [drain(child.stdout.take()), drain(child.stderr.take())];
        let started = Instant::now();
        let status = loop {
            match child.try_wait().ok()? {
                Some(status) => break status,
                None if started.elapsed() > PATIENCE => {
                    child.kill().ok()?;
                    child.wait().ok()?;
                    return None;
                }
                None => thread::sleep(Duration::from_micros(500)),
            }
        };
        let text = streams.into_iter().filter_map(|stream| stream.join().ok()).collect();
        Some((status.success(), text))
    }
}

/// Reads a stream to its end beside the wait for the command, which would otherwise block on a full pipe.
fn drain(stream: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // A stream that breaks off still holds what came before.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl From<&EngineInfo> for Fact<EngineFacts> {
    fn from(info: &EngineInfo) -> Self {
        let EngineInfo { kind, version, endpoint, .. } = info;
        let facts = EngineFacts { kind: kind.clone(), version: version.clone(), endpoint: endpoint.clone() };
        Self::new(facts, "the engine")
    }
}

#[cfg(test)]
mod tests;
