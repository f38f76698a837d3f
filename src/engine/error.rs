//! Errors of the engine, grouped by the action that the user can take.
//!
//! An error keeps the engine's own message, if the engine sent one.

use std::time::Duration;

use super::{AddressOrigin, BuildFailure};
use crate::error::{Exit, Report};

/// A failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The socket does not exist, or the caller may not open it.
    #[error("can't reach the container engine at `{endpoint}`: {reason}")]
    Unreachable {
        endpoint: String,
        origin: AddressOrigin,
        /// The system's message.
        reason: String,
        /// Whether permission is missing.
        denied: bool,
    },
    /// envctl cannot use the address of the engine.
    #[error("can't use the engine address `{endpoint}` from {origin}: {reason}")]
    BadEndpoint {
        /// The address as it was given.
        endpoint: String,
        origin: AddressOrigin,
        /// The problem with the address.
        reason: String,
    },
    /// Another process or container holds the host port.
    #[error("port {port} is taken")]
    PortTaken {
        /// `127.0.0.1:2222`
        port: String,
        /// The engine's message.
        reason: String,
    },
    /// Another container has this name.
    #[error("the container name `{name}` is taken")]
    NameTaken { name: String },
    /// The source of a mount does not exist.
    #[error("the mount source `{path}` does not exist")]
    MountMissing {
        /// The path on the host.
        path: String,
    },
    /// A device node does not exist.
    #[error("the device `{path}` does not exist on the engine's host")]
    DeviceMissing {
        /// The path on the host.
        path: String,
    },
    /// The engine has no way to give a GPU to a container.
    #[error("the container engine can't give containers a GPU: {reason}")]
    NoGpu {
        /// The engine's message.
        reason: String,
    },
    /// The engine is not permitted to set this limit.
    #[error("the container engine is not permitted to set the limit `{limit}`")]
    UlimitRefused {
        /// `memlock`
        limit: String,
        /// The engine's message.
        reason: String,
    },
    /// The image is not on the engine, or the registry does not have it.
    #[error("there is no image `{reference}`: {reason}")]
    NoImage {
        reference: String,
        /// The engine's message.
        reason: String,
    },
    /// The engine cannot reach the registry.
    #[error("can't reach the registry for `{reference}`: {reason}")]
    RegistryUnreachable {
        /// The image's reference.
        reference: String,
        /// The engine's message.
        reason: String,
    },
    #[error("the disk that holds the engine's images is full")]
    DiskFull {
        /// The engine's message.
        reason: String,
    },
    /// A build step failed.
    #[error("{0}")]
    BuildFailed(Box<BuildFailure>),
    /// A command in the container could not be started.
    #[error("can't run `{command}` in the container: {reason}")]
    CommandNotRun {
        command: String,
        /// The engine's message.
        reason: String,
        /// Docker's exit code for it: 126 or 127.
        code: i64,
    },
    /// The container does not exist.
    #[error("there is no container `{name}`")]
    NoContainer { name: String },
    /// The container does not run.
    #[error("the container `{name}` is not running")]
    NotRunning { name: String },
    /// A container still uses the image or the volume.
    #[error("can't remove `{what}`: {reason}")]
    InUse {
        what: String,
        /// The engine's message.
        reason: String,
    },
    /// The engine accepted the request and did not answer in time.
    #[error("the container engine at `{endpoint}` did not {action} within {} s", waited.as_secs_f32())]
    Silent {
        endpoint: String,
        /// `start the container`
        action: String,
        /// The time that envctl waited.
        waited: Duration,
    },
    /// The network with the name that envctl uses lets containers reach each other.
    #[error("the network `{name}` lets the containers on it reach each other")]
    NetworkOpen { name: String },
    /// The network of a container does not exist.
    #[error("the network of the container `{container}` is gone: {reason}")]
    NetworkMissing {
        /// The container's name.
        container: String,
        /// The engine's message.
        reason: String,
    },
    /// The engine has no addresses left for another network.
    #[error("the container engine has no addresses left for a network: {reason}")]
    NoAddresses {
        /// The engine's message.
        reason: String,
    },
    /// The connection to the engine broke during a request.
    #[error("the connection to the container engine broke: {reason}")]
    ConnectionLost {
        /// The system's message.
        reason: String,
    },
    /// The reader of a command's output or of a log closed it: `envctl logs | head`.
    #[error("the reader of the output closed it")]
    OutputClosed,
    /// envctl cannot read a file for the engine, or cannot write output.
    #[error("can't {action}: {reason}")]
    Local {
        /// `read archive.tar`
        action: String,
        /// The system's message.
        reason: String,
    },
    /// Any other refusal.
    #[error("the container engine refused to {action}: {reason}")]
    Refused {
        /// `create the container`
        action: String,
        /// The engine's message.
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
                "add your user to the group that can use the engine: `sudo usermod -aG docker $USER`, then log in again",
                "or run a rootless engine: `dockerd-rootless-setuptool.sh install`",
            ],
            Self::Unreachable { endpoint, origin, .. } => return origin.hints(endpoint),
            Self::BadEndpoint { .. } => {
                &["give a socket, `--engine unix:///path/docker.sock`, or `--engine tcp://HOST:PORT`"]
            }
            Self::PortTaken { .. } => &[
                "`envctl up` moves an SSH port that `envctl.toml` does not name to a free one",
                "choose another port in `envctl.toml`, or stop the program that uses this one",
                "if nothing uses it, restart the engine: after a crash, an engine can keep a port",
            ],
            Self::NameTaken { .. } => &["remove that container, or give this environment another `name`"],
            Self::MountMissing { .. } => &["create the directory, or change `[run] mounts` in `envctl.toml`"],
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
            Self::Silent { .. } => &["`envctl doctor` checks the engine; the engine's log can show the cause"],
            Self::NetworkOpen { name } => {
                return vec![format!(
                    "`docker network rm {name}` removes it; the next `envctl up` makes one that keeps environments apart"
                )];
            }
            Self::NetworkMissing { .. } => &["`envctl up` creates the container again, on a network that exists"],
            Self::NoAddresses { .. } => &["`docker network prune` removes the networks that no container uses"],
            Self::ConnectionLost { .. } => &["look at the engine's log, then run the command again"],
            Self::NoContainer { .. } => &["`envctl up` creates it"],
            Self::CommandNotRun { .. } => &["check the name; `envctl exec` with `bash` opens a shell to look around"],
            Self::InUse { .. } => &["`docker ps -a` shows what uses it, also stopped containers"],
            Self::OutputClosed | Self::Local { .. } | Self::Refused { .. } => &[],
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
