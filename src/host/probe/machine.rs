//! Reads the facts of the machine except its GPUs.
//!
//! It also has the helpers of the other probes: they read files below a root directory and run commands with a time
//! limit.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::host::Fact;
use crate::host::parse::{cpu, memory, os};
use crate::manifest::Arch;
use crate::system::{self, System};
use crate::version::GlibcVersion;

/// The time limit of a command. `nvidia-smi` on a machine with many sleeping GPUs needs several seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// The root directory and the process of a machine.
pub(super) struct Machine<'a> {
    pub(super) system: &'a System,
    pub(super) root: &'a Path,
}

impl Machine<'_> {
    /// Whether this process runs on the machine.
    pub(super) fn is_this_one(&self) -> bool {
        self.root == Path::new("/")
    }

    pub(super) fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// The text of a file. `None`: the file is absent or unreadable, which `/proc` makes equal.
    pub(super) fn read(&self, absolute: &str) -> Option<String> {
        let bytes = std::fs::read(self.path(absolute)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(super) fn exists(&self, absolute: &str) -> bool {
        self.path(absolute).exists()
    }

    /// The names in a directory, sorted.
    pub(super) fn names(&self, absolute: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(absolute)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// A fact from the text of a file. Its source is the path.
    pub(super) fn file_fact<T>(&self, absolute: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Fact<T>> {
        Some(Fact::new(parse(&self.read(absolute)?)?, absolute))
    }

    /// The output of a command, both streams, and whether it succeeded. `None`: it cannot run or does not end in time.
    pub(super) fn ask(program: &Path, arguments: &[&str]) -> Option<(bool, String)> {
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

/// Reads a stream to its end while the command runs, because a full pipe would block the command.
fn drain(stream: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // After an error, the bytes before it are still useful.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Machine<'_> {
    pub(super) fn hostname(&self) -> Option<Fact<String>> {
        self.file_fact("/proc/sys/kernel/hostname", line)
    }

    pub(super) fn kernel(&self) -> Option<Fact<String>> {
        self.file_fact("/proc/sys/kernel/osrelease", line)
    }

    /// The architecture. Kernels before 6.1 have no file for it.
    pub(super) fn arch(&self) -> Option<Fact<Arch>> {
        self.file_fact("/proc/sys/kernel/arch", os::arch).or_else(|| {
            let name = rustix::system::uname();
            Some(Fact::new(os::arch(name.machine().to_str().ok()?)?, "uname"))
        })
    }

    pub(super) fn distribution(&self) -> Option<Fact<String>> {
        let parse = |text: &str| os::parse_os_release(text).map(|release| release.tag());
        let places = ["/etc/os-release", "/usr/lib/os-release"];
        places.iter().find_map(|place| self.file_fact(place, parse))
    }

    /// The C library of this machine's commands. `getconf` is a program and faster than `ldd`, which is a script.
    pub(super) fn glibc(&self) -> Option<Fact<GlibcVersion>> {
        let asked = [("getconf", "GNU_LIBC_VERSION"), ("ldd", "--version")];
        asked.iter().find_map(|(name, argument)| {
            let program = self.system.find_program(name)?;
            let (_, text) = Self::ask(&program, &[argument])?;
            Some(Fact::new(os::glibc(&text)?, format!("{name} {argument}")))
        })
    }

    /// The memory, or less if the whole machine runs in a limited control group, as a container does. The group of the
    /// calling process does not count, because the engine's containers are not part of it.
    pub(super) fn memory(&self) -> Option<Fact<u64>> {
        let physical = self.file_fact("/proc/meminfo", memory::parse_total)?;
        let places = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        let limit = places.iter().find_map(|place| self.file_fact(place, memory::group_limit));
        Some(limit.filter(|limit| limit.value < physical.value).unwrap_or(physical))
    }

    pub(super) fn cpus(&self) -> Option<Fact<u32>> {
        self.file_fact("/sys/devices/system/cpu/online", cpu::parse_cpu_list)
            .or_else(|| self.file_fact("/proc/cpuinfo", cpu::parse_cpuinfo))
    }
}

fn line(text: &str) -> Option<String> {
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
