//! Errors of the engine, grouped by the action that the user can take.
//!
//! Each error keeps the engine's own message where it has one.

use std::time::Duration;

use super::{AddressOrigin, BuildFailure};
use crate::error::{Exit, Report};

/// What went wrong at the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No socket, or nobody may open it.
    #[error("can't reach the container engine at `{endpoint}`: {reason}")]
    Unreachable {
        endpoint: String,
        /// Who named it.
        origin: AddressOrigin,
        /// The system's words.
        reason: String,
        /// Whether it is a matter of permission.
        denied: bool,
    },
    /// The address of the engine is one we can't speak to.
    #[error("can't use the engine address `{endpoint}` from {origin}: {reason}")]
    BadEndpoint {
        /// The address as it was given.
        endpoint: String,
        /// Who named it.
        origin: AddressOrigin,
        /// What about it.
        reason: String,
    },
    /// A host port is held.
    #[error("port {port} is taken")]
    PortTaken {
        /// `127.0.0.1:2222`
        port: String,
        /// The engine's words.
        reason: String,
    },
    /// A container of that name is there.
    #[error("the container name `{name}` is taken")]
    NameTaken { name: String },
    /// A mount's source is not there.
    #[error("the mount source `{path}` does not exist")]
    MountMissing {
        /// On the host.
        path: String,
    },
    /// A device node is not there.
    #[error("the device `{path}` does not exist on the engine's host")]
    DeviceMissing {
        /// On the host.
        path: String,
    },
    /// The engine has no way to give a container a GPU.
    #[error("the container engine can't give containers a GPU: {reason}")]
    NoGpu {
        /// The engine's words.
        reason: String,
    },
    /// The engine is not permitted to set that limit.
    #[error("the container engine is not permitted to set the limit `{limit}`")]
    UlimitRefused {
        /// `memlock`
        limit: String,
        /// The engine's words.
        reason: String,
    },
    /// No such image locally, or the registry does not serve it.
    #[error("there is no image `{reference}`: {reason}")]
    NoImage {
        reference: String,
        /// The engine's words.
        reason: String,
    },
    /// The registry can't be reached.
    #[error("can't reach the registry for `{reference}`: {reason}")]
    RegistryUnreachable {
        /// Which image.
        reference: String,
        /// The engine's words.
        reason: String,
    },
    /// The disk is full.
    #[error("the disk that holds the engine's images is full")]
    DiskFull {
        /// The engine's words.
        reason: String,
    },
    /// A build step failed.
    #[error("{0}")]
    BuildFailed(Box<BuildFailure>),
    /// The command inside could not be started: exit code as Docker's (126, 127).
    #[error("can't run `{command}` in the container: {reason}")]
    CommandNotRun {
        command: String,
        /// The engine's words.
        reason: String,
        /// 126 or 127.
        code: i64,
    },
    /// There is no such container.
    #[error("there is no container `{name}`")]
    NoContainer { name: String },
    /// It is not running.
    #[error("the container `{name}` is not running")]
    NotRunning { name: String },
    /// An image or a volume that a container still uses.
    #[error("can't remove `{what}`: {reason}")]
    InUse {
        what: String,
        /// The engine's words.
        reason: String,
    },
    /// The engine took the request and said nothing.
    #[error("the container engine at `{endpoint}` did not {action} within {} s", waited.as_secs_f32())]
    Silent {
        endpoint: String,
        /// `start the container`
        action: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A network of the name that envctl uses lets containers reach each other.
    #[error("the network `{name}` lets the containers on it reach each other")]
    NetworkOpen { name: String },
    /// The network that a container was made for is not there.
    #[error("the network of the container `{container}` is gone: {reason}")]
    NetworkMissing {
        /// The container.
        container: String,
        /// The engine's words.
        reason: String,
    },
    /// The engine has no addresses for another network.
    #[error("the container engine has no addresses left for a network: {reason}")]
    NoAddresses {
        /// The engine's words.
        reason: String,
    },
    /// The engine went away in the middle.
    #[error("the connection to the container engine broke off: {reason}")]
    ConnectionLost {
        /// The system's words.
        reason: String,
    },
    /// Whoever read the output of a command or a log went away: `envctl logs | head`.
    #[error("nobody reads the output any more")]
    OutputClosed,
    /// A file of ours that should go to the engine can't be read, or output can't be written.
    #[error("can't {action}: {reason}")]
    Local {
        /// `read archive.tar`
        action: String,
        /// The system's words.
        reason: String,
    },
    /// Anything else, in the engine's words.
    #[error("the container engine refused to {action}: {reason}")]
    Refused {
        /// `create the container`
        action: String,
        /// The engine's words.
        reason: String,
    },
}

impl Report for EngineError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "engine-unreachable",
            Self::BadEndpoint { .. } => "engine-address",
            Self::PortTaken { .. } => "port-taken",
            Self::NameTaken { .. } => "name-taken",
            Self::MountMissing { .. } => "mount-missing",
            Self::DeviceMissing { .. } => "device-missing",
            Self::NoGpu { .. } => "no-gpu",
            Self::UlimitRefused { .. } => "ulimit-refused",
            Self::NoImage { .. } => "no-image",
            Self::RegistryUnreachable { .. } => "registry-unreachable",
            Self::DiskFull { .. } => "disk-full",
            Self::BuildFailed(_) => "build-failed",
            Self::CommandNotRun { .. } => "command-not-run",
            Self::NoContainer { .. } => "no-container",
            Self::NotRunning { .. } => "not-running",
            Self::InUse { .. } => "in-use",
            Self::Silent { .. } => "engine-silent",
            Self::NetworkOpen { .. } => "network-open",
            Self::NetworkMissing { .. } => "network-missing",
            Self::NoAddresses { .. } => "no-addresses",
            Self::ConnectionLost { .. } => "connection-lost",
            Self::OutputClosed => "output-closed",
            Self::Local { .. } => "io",
            Self::Refused { .. } => "engine-refused",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::BuildFailed(_) => Exit::Build,
            Self::CommandNotRun { code: 126, .. } => Exit::NotExecutable,
            Self::CommandNotRun { .. } => Exit::NotFound,
            Self::OutputClosed | Self::Local { .. } => Exit::Failed,
            _ => Exit::Unusable,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hints: &[&str] = match self {
            Self::Unreachable { denied: true, .. } => &[
                "put yourself in the group that is permitted to use it: `sudo usermod -aG docker $USER`, then log in again",
                "or run a rootless engine: `dockerd-rootless-setuptool.sh install`",
            ],
            Self::Unreachable { endpoint, origin, .. } => return origin.hints(endpoint),
            Self::BadEndpoint { .. } => {
                &["give a socket, `--engine unix:///path/docker.sock`, or `--engine tcp://HOST:PORT`"]
            }
            Self::PortTaken { .. } => &[
                "`envctl up` moves an SSH port that `envctl.toml` does not name to a free one",
                "choose another port in `envctl.toml`, or stop what holds this one",
                "where nothing holds it, restart the engine: one that was killed while it started a container may keep the port",
            ],
            Self::NameTaken { .. } => &["remove that container, or give this environment another `name`"],
            Self::MountMissing { .. } => &["make the directory, or change `[run] mounts` in `envctl.toml`"],
            Self::DeviceMissing { .. } => &["change `[run] devices` in `envctl.toml`"],
            Self::NoGpu { .. } => &[
                "run `envctl setup` to install the NVIDIA Container Toolkit",
                "run `envctl doctor` to see what is missing",
            ],
            Self::UlimitRefused { .. } => &["lower the limit or leave it out of `[run] ulimits` in `envctl.toml`"],
            Self::NoImage { .. } => &["check the name and the tag; a private registry needs `docker login` first"],
            Self::RegistryUnreachable { reason, .. } if reason.contains("x509") => &[
                "the engine trusts what its own host trusts: add your network's certificate authority there and restart the engine",
                "a Debian or Ubuntu base needs no registry with `envctl up --bootstrap`",
            ],
            Self::RegistryUnreachable { .. } => &[
                "check the network and the proxy, or name a mirror in `[network] image-mirror`",
                "a Debian or Ubuntu base needs no registry with `envctl up --bootstrap`",
            ],
            Self::DiskFull { .. } => &["free space: `envctl down --image` removes an environment and its image"],
            Self::BuildFailed(failure) => return failure.hints(),
            Self::NotRunning { .. } => &["start it with `envctl up`"],
            Self::Silent { .. } => &["`envctl doctor` looks at the engine; its log says what it waits for"],
            Self::NetworkOpen { name } => {
                return vec![format!(
                    "`docker network rm {name}` removes it; the next `envctl up` makes one that keeps environments apart"
                )];
            }
            Self::NetworkMissing { .. } => &["`envctl up` makes the container for the network that there is"],
            Self::NoAddresses { .. } => &["`docker network prune` removes the networks that no container uses"],
            Self::ConnectionLost { .. } => &["look at the engine's log, then run the command again"],
            Self::CommandNotRun { .. }
            | Self::NoContainer { .. }
            | Self::InUse { .. }
            | Self::OutputClosed
            | Self::Local { .. }
            | Self::Refused { .. } => &[],
        };
        hints.iter().map(|&hint| hint.to_owned()).collect()
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::BuildFailed(failure) => failure.log.clone(),
            Self::PortTaken { reason, .. } | Self::UlimitRefused { reason, .. } | Self::DiskFull { reason } => {
                vec![reason.clone()]
            }
            _ => Vec::new(),
        }
    }
}
