//! The observations of a machine. [`super::examine()`] judges by these values alone.
//!
//! Tests fill them by hand, so that no test needs a broken machine.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::engine::EngineInfo;
use crate::host::HostFacts;
use crate::setup::{ContainerToolkit, Need};

/// The observations of a machine.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The facts of the machine.
    pub host: HostFacts,
    /// The engine's answer.
    pub engine: EngineSeen,
    /// The disk with the engine's images, if the engine runs on this machine.
    pub engine_disk: Option<DiskSpace>,
    /// Programs that are not installed.
    pub missing: BTreeSet<Need>,
    /// The NVIDIA Container Toolkit.
    pub toolkit: ContainerToolkit,
    /// The user's SSH configuration.
    pub ssh_config: SshConfig,
    /// The number of public keys in `~/.ssh`.
    pub ssh_keys: usize,
    /// Whether the environment names an SSH agent.
    pub ssh_agent: bool,
    /// The bundle of certificate authorities.
    pub certificates: Option<PathBuf>,
    /// Names of the proxy variables that are set.
    pub proxy: Vec<String>,
}

/// The engine's answer.
#[derive(Clone, Debug)]
pub enum EngineSeen {
    /// The engine described itself.
    Answers {
        info: EngineInfo,
        /// Whether it supports builds with secrets and mounts.
        build_kit: bool,
    },
    /// The engine did not answer.
    Fails {
        /// The error message.
        message: String,
        /// The hints that repair it.
        hints: Vec<String>,
    },
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// A path on it.
    pub path: PathBuf,
    /// Free bytes.
    pub free: u64,
}

/// The state of `~/.ssh/config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshConfig {
    /// The file does not exist; `up` makes it.
    Absent,
    /// The file is readable.
    Readable {
        /// Whether it contains envctl's line.
        included: bool,
        /// Whether this user can write it.
        writable: bool,
        /// Whether another user owns it or can write it. Then `ssh` refuses to run.
        exposed: bool,
    },
    /// The file is not readable.
    Unreadable {
        /// The system's message.
        reason: String,
    },
}
