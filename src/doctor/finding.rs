//! The result for one part of the machine that `doctor` examined.

use std::path::PathBuf;

use serde::Serialize;

use super::DiskSpace;
use crate::engine::EngineInfo;

/// One thing looked at, and what it came to. `ui` has the words for it, and names what repairs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The engine does not answer.
    EngineFails {
        /// In its error's own words.
        message: String,
        /// Likewise what repairs it.
        hints: Vec<String>,
    },
    /// The engine is of a kind that is not supported yet.
    OtherEngine(EngineInfo),
    /// The engine is older than [`super::OLDEST_ENGINE`].
    OldEngine(EngineInfo),
    /// The engine serves.
    Engine(EngineInfo),
    /// `ps` is missing.
    NoPs,
    /// Whether the engine builds with `BuildKit`.
    BuildKit { offered: bool },
    /// The disk that holds the engine's images.
    Disk { space: DiskSpace, room: DiskRoom },
    /// What is wrong with the machine's GPU or its driver, as the facts of the host have it.
    HostProblem(String),
    /// There is no GPU.
    NoGpu,
    /// There is a driver.
    Gpu {
        /// Its version.
        driver: String,
        /// How many GPUs it has.
        count: usize,
        /// How containers reach them.
        reach: GpuReach,
    },
    /// Whether `python3 -m pip` is there.
    Pip { found: bool },
    /// Base images can't be made here.
    NoBootstrap,
    /// `ssh` is missing.
    NoSshClient,
    /// `~/.ssh/config` can't be read.
    SshConfigUnreadable {
        /// The system's words.
        reason: String,
    },
    /// Others may write `~/.ssh/config`, so `ssh` refuses to run.
    SshConfigExposed,
    /// `~/.ssh/config` can't be written, and does not include envctl's entries.
    SshConfigFixed,
    /// `~/.ssh/config` serves.
    SshConfig {
        /// It includes envctl's entries already.
        included: bool,
    },
    /// What the person identifies with.
    SshKeys {
        /// Public keys in `~/.ssh`.
        count: usize,
        /// There is an agent.
        agent: bool,
    },
    /// There is no bundle of certificate authorities.
    NoCertificates,
    /// The bundle of certificate authorities.
    Certificates(PathBuf),
    /// These variables name a proxy.
    Proxy(Vec<String>),
}

/// How much room a disk has for images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskRoom {
    /// Any image is built.
    Enough,
    /// A big one may not be.
    Little,
    /// Not even a small one is.
    None,
}

/// How containers reach the GPUs of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuReach {
    /// The engine does not answer.
    Unknown,
    /// By the Container Device Interface.
    Cdi,
    /// By the `nvidia` runtime.
    Runtime,
    /// NVIDIA's Container Toolkit is installed, and the engine does not name it.
    UnusedToolkit,
    /// NVIDIA's Container Toolkit is missing.
    NoToolkit,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// Works, and may surprise.
    Warning,
    /// Environments can't be brought up.
    Broken,
}

impl Diagnosis {
    /// How bad it is.
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
