//! Describes the findings of `doctor` and their repairs.
//!
//! Each finding gets a subject, a message and its repairs.

use serde::Serialize;

use crate::doctor::{Diagnosis, DiskRoom, GpuReach, OLDEST_ENGINE, Severity};
use crate::engine::EngineInfo;

/// A finding in words.
#[derive(Debug, Serialize)]
pub struct DiagnosisWords {
    pub level: Severity,
    /// The part of the machine.
    pub subject: &'static str,
    /// The finding itself.
    pub message: String,
    /// The repairs, one action in each line.
    pub repairs: Vec<String>,
}

impl From<&Diagnosis> for DiagnosisWords {
    fn from(found: &Diagnosis) -> Self {
        Self { level: found.severity(), subject: subject(found), message: message(found), repairs: repairs(found) }
    }
}

fn subject(found: &Diagnosis) -> &'static str {
    match found {
        Diagnosis::EngineFails { .. }
        | Diagnosis::OtherEngine(_)
        | Diagnosis::OldEngine(_)
        | Diagnosis::Engine(_)
        | Diagnosis::NoPs => "container engine",
        Diagnosis::BuildKit { .. } => "BuildKit",
        Diagnosis::Disk { .. } => "disk",
        Diagnosis::HostProblem(_) | Diagnosis::NoGpu | Diagnosis::Gpu { .. } => "GPU",
        Diagnosis::Pip { .. } => "Python",
        Diagnosis::NoBootstrap => "bootstrap",
        Diagnosis::NoSshClient
        | Diagnosis::SshConfigUnreadable { .. }
        | Diagnosis::SshConfigExposed
        | Diagnosis::SshConfigFixed
        | Diagnosis::SshConfig { .. } => "SSH",
        Diagnosis::SshKeys { .. } => "SSH keys",
        Diagnosis::NoCertificates | Diagnosis::Certificates(_) => "certificates",
        Diagnosis::Proxy(_) => "proxy",
    }
}

fn message(found: &Diagnosis) -> String {
    let words = match found {
        Diagnosis::EngineFails { message, .. } => message,
        Diagnosis::OtherEngine(info) => {
            return format!("{}, and only Docker Engine is supported yet", engine(info));
        }
        Diagnosis::OldEngine(info) => {
            let (major, minor) = OLDEST_ENGINE;
            return format!("{}, and {major}.{minor} or newer is needed", engine(info));
        }
        Diagnosis::Engine(info) => return engine(info),
        Diagnosis::NoPs => "`ps` is missing, with which the engine lists what runs in a container",
        Diagnosis::BuildKit { offered: true } => "the engine builds with it",
        Diagnosis::BuildKit { offered: false } => "the engine does not offer it",
        Diagnosis::Disk { space, room } => {
            let free = format!("{} GiB free for images at `{}`", space.free >> 30, space.path.display());
            let more = if *room == DiskRoom::Little { "; big frameworks with GPU support need 20" } else { "" };
            return free + more;
        }
        Diagnosis::HostProblem(problem) => problem,
        Diagnosis::NoGpu => "none; environments for the CPU work",
        Diagnosis::Gpu { driver, count, reach } => return gpu(driver, *count, *reach),
        Diagnosis::Pip { found: true } => "`python3 -m pip` is there",
        Diagnosis::Pip { found: false } => "`python3 -m pip` is missing, which fetches the package resolver",
        Diagnosis::NoBootstrap => {
            "`--bootstrap` can't make base images: `mmdebstrap` is missing, or what maps user IDs for it"
        }
        Diagnosis::NoSshClient => "`ssh` is missing: `envctl exec` works without it, `ssh NAME` does not",
        Diagnosis::SshConfigUnreadable { reason } => return format!("`~/.ssh/config` can't be read: {reason}"),
        Diagnosis::SshConfigExposed => "`~/.ssh/config` can be written by others, so `ssh` refuses to run",
        Diagnosis::SshConfigFixed => {
            "`~/.ssh/config` is read-only and does not include envctl's entries: use `envctl ssh`"
        }
        Diagnosis::SshConfig { included: true } => "the client is there, and `~/.ssh/config` includes envctl's entries",
        Diagnosis::SshConfig { included: false } => {
            "the client is there; the first `up` adds one line to `~/.ssh/config`"
        }
        Diagnosis::SshKeys { count, agent } => return keys(*count, *agent),
        Diagnosis::NoCertificates => "no bundle of certificate authorities was found",
        Diagnosis::Certificates(path) => return format!("`{}`, also in each build step", path.display()),
        Diagnosis::Proxy(variables) => return format!("{} set", variables.join(", ")),
    };
    words.to_owned()
}

fn engine(info: &EngineInfo) -> String {
    format!("{} {} answers at `{}`", info.kind, info.version, info.endpoint)
}

fn gpu(driver: &str, count: usize, reach: GpuReach) -> String {
    let named = format!("driver {driver} with {count} GPU{}", if count == 1 { "" } else { "s" });
    let reach = match reach {
        GpuReach::Unknown => "",
        GpuReach::Cdi => "; containers reach them through CDI",
        GpuReach::Runtime => "; containers reach them through the nvidia runtime",
        GpuReach::UnusedToolkit => {
            "; the NVIDIA Container Toolkit is installed, and the engine does not say it knows it"
        }
        GpuReach::NoToolkit => ", and the NVIDIA Container Toolkit is missing: no container can reach them",
    };
    named + reach
}

fn keys(count: usize, agent: bool) -> String {
    let keys = format!("{count} public key{}", if count == 1 { "" } else { "s" });
    match (count, agent) {
        (0, false) => "no SSH key found: envctl will create one for its own use".to_owned(),
        (0, true) => "an agent".to_owned(),
        (_, false) => keys,
        (_, true) => format!("{keys} and an agent"),
    }
}

fn repairs(found: &Diagnosis) -> Vec<String> {
    let repairs: &[&str] = match found {
        Diagnosis::EngineFails { hints, .. } => return hints.clone(),
        Diagnosis::OtherEngine(_) => &["name a Docker Engine with `--engine` or `DOCKER_HOST`"],
        Diagnosis::OldEngine(_) => &["upgrade it with this machine's package manager"],
        Diagnosis::BuildKit { offered: false } => &["upgrade the engine, or let `--engine` name another"],
        Diagnosis::Disk { room: DiskRoom::Little | DiskRoom::None, .. } => {
            &["free some space there: `docker system prune` removes what no container uses"]
        }
        Diagnosis::Gpu { reach: GpuReach::UnusedToolkit, .. } => &[
            "sudo nvidia-ctk runtime configure --runtime=docker",
            "then restart the engine: `sudo systemctl restart docker`",
        ],
        Diagnosis::NoPs
        | Diagnosis::Gpu { reach: GpuReach::NoToolkit, .. }
        | Diagnosis::Pip { found: false }
        | Diagnosis::NoBootstrap
        | Diagnosis::NoSshClient
        | Diagnosis::NoCertificates => &["envctl setup"],
        Diagnosis::SshConfigUnreadable { .. } => &["ls -ld ~/.ssh ~/.ssh/config"],
        Diagnosis::SshConfigExposed => &["chmod 600 ~/.ssh/config"],
        Diagnosis::Engine(_)
        | Diagnosis::BuildKit { offered: true }
        | Diagnosis::Disk { room: DiskRoom::Enough, .. }
        | Diagnosis::HostProblem(_)
        | Diagnosis::NoGpu
        | Diagnosis::Gpu { .. }
        | Diagnosis::Pip { found: true }
        | Diagnosis::SshConfigFixed
        | Diagnosis::SshConfig { .. }
        | Diagnosis::SshKeys { .. }
        | Diagnosis::Certificates(_)
        | Diagnosis::Proxy(_) => &[],
    };
    repairs.iter().map(|&repair| repair.to_owned()).collect()
}
