//! The result for one part of the machine that `doctor` examined.
//!
//! A finding holds values only: `ui` has the words and the commands that repair a problem.

use std::path::PathBuf;

use serde::Serialize;

use super::DiskSpace;
use crate::engine::EngineInfo;

/// The result for one examined part. `ui` has its words and the command that repairs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The engine does not answer.
    EngineFails {
        /// The message of the error.
        message: String,
        /// The hints of the error.
        hints: Vec<String>,
    },
    /// The engine is of a kind that is not supported yet.
    OtherEngine(EngineInfo),
    /// The engine is older than [`super::OLDEST_ENGINE`].
    OldEngine(EngineInfo),
    /// The engine is supported.
    Engine(EngineInfo),
    /// `ps` is not installed.
    NoPs,
    /// Whether the engine builds with `BuildKit`.
    BuildKit { offered: bool },
    /// The disk that holds the engine's images.
    Disk { space: DiskSpace, room: DiskRoom },
    /// A problem of the GPU or its driver, from the facts of the host.
    HostProblem(String),
    /// The machine has no GPU.
    NoGpu,
    /// The machine has a driver.
    Gpu {
        /// The driver's version.
        driver: String,
        /// The number of GPUs.
        count: usize,
        /// The way in which containers reach the GPUs.
        reach: GpuReach,
    },
    /// Whether `python3 -m pip` works.
    Pip { found: bool },
    /// This machine can make no base images.
    NoBootstrap,
    /// `ssh` is not installed.
    NoSshClient,
    /// `~/.ssh/config` cannot be read.
    SshConfigUnreadable {
        /// The system's message.
        reason: String,
    },
    /// Other users can write `~/.ssh/config`, so `ssh` refuses to run.
    SshConfigExposed,
    /// `~/.ssh/config` is read-only and does not include envctl's entries.
    SshConfigFixed,
    /// `~/.ssh/config` is usable.
    SshConfig {
        /// Whether it already includes envctl's entries.
        included: bool,
    },
    /// The user's SSH identities.
    SshKeys {
        /// The number of public keys in `~/.ssh`.
        count: usize,
        /// Whether an agent runs.
        agent: bool,
    },
    /// The machine has no bundle of certificate authorities.
    NoCertificates,
    /// The bundle of certificate authorities.
    Certificates(PathBuf),
    /// These variables name a proxy.
    Proxy(Vec<String>),
}

/// The free space for images on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskRoom {
    /// Enough for any image.
    Enough,
    /// Perhaps too little for a large image.
    Little,
    /// Too little even for a small image.
    None,
}

/// The way in which containers reach the GPUs of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuReach {
    /// The engine does not answer.
    Unknown,
    /// Through the Container Device Interface.
    Cdi,
    /// Through the `nvidia` runtime.
    Runtime,
    /// NVIDIA's Container Toolkit is installed, but the engine is not configured for it.
    UnusedToolkit,
    /// NVIDIA's Container Toolkit is not installed.
    NoToolkit,
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The part is in order.
    Good,
    /// The part works, but can surprise the user.
    Warning,
    /// No environment can start.
    Broken,
}

impl Diagnosis {
    /// The severity of this finding.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::EngineFails { .. }
            | Self::OtherEngine(_)
            | Self::OldEngine(_)
            | Self::BuildKit { offered: false }
            | Self::Disk { room: DiskRoom::None, .. }
            | Self::Gpu { reach: GpuReach::NoToolkit, .. }
            | Self::Pip { found: false }
            | Self::NoSshClient
            | Self::SshConfigExposed => Severity::Broken,
            Self::NoPs
            | Self::Disk { room: DiskRoom::Little, .. }
            | Self::HostProblem(_)
            | Self::Gpu { reach: GpuReach::UnusedToolkit, .. }
            | Self::NoBootstrap
            | Self::SshConfigUnreadable { .. }
            | Self::SshConfigFixed
            | Self::NoCertificates => Severity::Warning,
            Self::Engine(_)
            | Self::BuildKit { offered: true }
            | Self::Disk { room: DiskRoom::Enough, .. }
            | Self::NoGpu
            | Self::Gpu { .. }
            | Self::Pip { found: true }
            | Self::SshConfig { .. }
            | Self::SshKeys { .. }
            | Self::Certificates(_)
            | Self::Proxy(_) => Severity::Good,
        }
    }
}
