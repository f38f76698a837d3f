//! Errors that stop envctl from bringing an environment to the desired state.
//!
//! Each error holds values and, where possible, the place in the manifest.

use std::net::IpAddr;
use std::ops::Range;
use std::path::PathBuf;

use super::device_problem::DeviceProblem;
use super::occupants::Occupant;
use crate::error::{Exit, Report, Snippet};
use crate::event::PortHolder;
use crate::files::FileError;
use crate::manifest::{Arch, Manifest};
use crate::resolve::Unbuildable;

/// A failure on the way to the desired state.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// An env file cannot be read or contains other lines than variables.
    #[error("can't use the env file `{}`: {reason}", path.display())]
    EnvFile {
        path: PathBuf,
        /// The system's message, or the line.
        reason: String,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A file that the manifest names cannot be read.
    #[error("can't use the {what} `{}`: {}", error.path.display(), error.problem)]
    NamedFile {
        /// The purpose of the file.
        what: &'static str,
        /// The file and the reason.
        error: FileError,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A file to copy into the image cannot be read.
    #[error("can't read `{}`, which goes into the image: {}", error.path.display(), error.problem)]
    Copy {
        /// The file and the reason.
        error: FileError,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A device cannot be given to a container.
    #[error("the device `{}` can't be used: {problem}", path.display())]
    Device {
        /// The path on the host, with its links resolved.
        path: PathBuf,
        problem: DeviceProblem,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// The machines of `[target]` have another architecture than this one.
    #[error("the environment is for machines with {decided}, and this one has {here}")]
    OtherArch {
        /// The architecture in the lock.
        decided: Arch,
        /// The architecture of this machine.
        here: Arch,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A secret for the build is missing.
    #[error("the build secret `{id}` needs {what}, which is missing")]
    SecretMissing {
        id: String,
        /// The file or variable of the secret.
        what: String,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A temporary file with a secret for the builder cannot be written.
    #[error("can't write a temporary file for the build: {reason}")]
    SecretFile {
        /// The system's message.
        reason: String,
    },
    /// The facts fit, but the build cannot get all parts today.
    #[error("the environment that fits can't be built any more")]
    NotBuildable(Box<Unbuildable>),
    /// The base cannot be made locally, and the engine does not have it.
    #[error("the engine does not have `{image}`, and it can't be made from a distribution's packages")]
    NotBootstrappable {
        /// The requested base.
        image: String,
    },
    /// Code of packages ran to say what they need, and left no answer.
    #[error("the container in which packages were asked what they need left no answer")]
    NoAnswer,
    /// The user's own image would add steps to the build.
    #[error("`{image}` has instructions for builds that start from it: `ONBUILD {trigger}`")]
    BaseTriggers {
        image: String,
        /// The first of its instructions.
        trigger: String,
    },
    /// The manifest asks for a GPU, and this host has none.
    #[error("the manifest asks for a GPU, and this host has none")]
    NoGpuHere {
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// Another process or container holds a host port.
    #[error("port {port} of {address} is taken by {holder}")]
    PortTaken {
        /// The address on the host.
        address: IpAddr,
        port: u16,
        holder: PortHolder,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// No free port is left.
    #[error("no port is free on {address}")]
    NoPort {
        /// The address on the host.
        address: IpAddr,
    },
    /// Processes inside the container would end.
    #[error("{} in the container would be ended", count(processes.len()))]
    Occupied { processes: Vec<Occupant> },
    /// A container has our name but belongs to somebody else.
    #[error("a container named `{name}` exists and does not belong to this environment")]
    Foreign {
        /// The container's name.
        name: String,
    },
    /// Several containers belong to this environment, and none has its name.
    #[error("the containers {} all use this environment's volumes", quoted(names))]
    Twins {
        /// The containers' names.
        names: Vec<String>,
    },
    /// The container is paused.
    #[error("the container `{name}` is paused")]
    Paused {
        /// The container's name.
        name: String,
    },
    /// The container does not exist.
    #[error("the environment `{id}` has no container")]
    Absent {
        /// The environment's ID.
        id: String,
    },
    /// The container does not run.
    #[error("the environment `{id}` is not running")]
    NotRunning {
        /// The environment's ID.
        id: String,
    },
    /// The container ended right after its start.
    #[error("the container ended with code {code} as soon as it started")]
    Ended {
        /// The exit code of its main process.
        code: i64,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// A container that requested a GPU has none.
    #[error("the container was started with a GPU, but has none inside: {reason}")]
    NoGpuInside {
        /// The expected and the found result.
        reason: String,
    },
    /// The user declined.
    #[error("nothing was changed")]
    Declined,
    /// This version reads this key of the manifest but does not support it.
    #[error("`{key}` does not work yet")]
    NotYet { key: &'static str, at: Vec<Snippet> },
}

/// Returns the place of a manifest's value, for an error.
#[must_use]
pub fn snippet_of(manifest: &Manifest, span: Option<&Range<usize>>, label: &str) -> Vec<Snippet> {
    span.and_then(|span| manifest.sources.snippet(span, label)).into_iter().collect()
}

impl Report for ReconcileError {
    fn kind(&self) -> &'static str {
        match self {
            Self::EnvFile { .. } => "env-file",
            Self::NamedFile { error, .. } => error.kind(),
            Self::Copy { .. } => "copy",
            Self::SecretMissing { .. } => "secret-missing",
            Self::SecretFile { .. } => "io",
            Self::NotBuildable(_) => "not-buildable",
            Self::NotBootstrappable { .. } => "not-bootstrappable",
            Self::NoAnswer => "no-answer",
            Self::BaseTriggers { .. } => "base-triggers",
            Self::NoGpuHere { .. } => "gpu-missing",
            Self::PortTaken { .. } => "port-taken",
            Self::NoPort { .. } => "no-port",
            Self::Device { .. } => "device",
            Self::OtherArch { .. } => "other-arch",
            Self::Occupied { .. } => "occupied",
            Self::Foreign { .. } => "name-taken",
            Self::Twins { .. } => "twins",
            Self::Paused { .. } => "paused",
            Self::Absent { .. } => "no-container",
            Self::NotRunning { .. } => "not-running",
            Self::Ended { .. } => "ended",
            Self::NoGpuInside { .. } => "no-gpu-inside",
            Self::Declined => "declined",
            Self::NotYet { .. } => "not-yet",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::PortTaken { .. }
            | Self::NoPort { .. }
            | Self::Foreign { .. }
            | Self::Twins { .. }
            | Self::Device { .. }
            | Self::NoGpuInside { .. } => Exit::Unusable,
            Self::EnvFile { .. }
            | Self::NamedFile { .. }
            | Self::Copy { .. }
            | Self::SecretMissing { .. }
            | Self::NotBootstrappable { .. }
            | Self::BaseTriggers { .. }
            | Self::NotYet { .. } => Exit::Usage,
            Self::NoGpuHere { .. } | Self::OtherArch { .. } => Exit::Conflict,
            Self::NotBuildable(_) | Self::NoAnswer => Exit::Build,
            Self::Occupied { .. }
            | Self::Paused { .. }
            | Self::Absent { .. }
            | Self::NotRunning { .. }
            | Self::SecretFile { .. }
            | Self::Declined
            | Self::Ended { .. } => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::EnvFile { .. } => vec!["each line is `NAME=value`, `NAME` or a `#` comment".to_owned()],
            Self::NamedFile { error, .. } | Self::Copy { error, .. } => error.hints(),
            Self::NotBuildable(_) => vec![
                "`envctl check` names what can be built instead, `envctl check --all` lists every build".to_owned(),
            ],
            Self::NotBootstrappable { .. } => {
                vec!["name a distribution in `[system] base`, load the image, or leave `--bootstrap` out".to_owned()]
            }
            Self::BaseTriggers { .. } => {
                vec!["use an image without `ONBUILD`, and write its steps in `[build] run`".to_owned()]
            }
            Self::NoGpuHere { .. } => vec![
                "`envctl up --cpu` uses only the CPU".to_owned(),
                "`[gpu] optional = true` uses a GPU where there is one".to_owned(),
            ],
            Self::PortTaken { .. } => vec!["choose another port, or stop the program that uses this one".to_owned()],
            Self::Occupied { .. } => vec!["`--force` ends all processes in the container".to_owned()],
            Self::Foreign { name } => vec![format!("`docker rm {name}` removes it, if nobody needs it")],
            Self::Twins { .. } => {
                vec!["`docker rm` removes those that nobody needs; `envctl up` then uses the remaining one".to_owned()]
            }
            Self::Paused { name } => vec![format!("`docker unpause {name}` resumes it")],
            Self::Absent { .. } | Self::NotRunning { .. } => vec!["`envctl up` starts it".to_owned()],
            Self::NoGpuInside { .. } => {
                vec!["`envctl doctor` checks the driver, the container toolkit and the engine".to_owned()]
            }
            Self::Device { problem: DeviceProblem::Exchangeable, .. } => {
                vec!["name a device in a directory where only root can write".to_owned()]
            }
            Self::OtherArch { .. } => {
                vec![
                    "run `envctl up` on such a machine, or leave `arch` out of `[target]` and run `envctl lock`"
                        .to_owned(),
                ]
            }
            Self::Device { .. } => vec!["correct `[run] devices`, or leave the device out".to_owned()],
            Self::SecretMissing { .. } => vec!["make it available, or correct `[build] secrets`".to_owned()],
            Self::SecretFile { .. } => vec!["free space in the directory for temporary files".to_owned()],
            Self::NoPort { .. } => vec!["name a free port as `[ssh] port`, or stop a program that uses one".to_owned()],
            Self::NotYet { key, .. } => vec![format!("leave `{key}` out")],
            Self::Ended { .. } | Self::Declined | Self::NoAnswer => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::EnvFile { at, .. }
            | Self::NamedFile { at, .. }
            | Self::Copy { at, .. }
            | Self::SecretMissing { at, .. }
            | Self::Device { at, .. }
            | Self::OtherArch { at, .. }
            | Self::NoGpuHere { at }
            | Self::PortTaken { at, .. }
            | Self::NotYet { at, .. } => at.clone(),
            _ => Vec::new(),
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::Occupied { processes } => processes
                .iter()
                .map(|process| format!("{:>7} {} {}", process.pid, process.user, process.command))
                .collect(),
            Self::Ended { log, .. } => log.clone(),
            _ => Vec::new(),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn count(number: usize) -> String {
    if number == 1 { "a process".to_owned() } else { format!("{number} processes") }
}
