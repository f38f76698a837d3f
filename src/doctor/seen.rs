//! The observations of a machine. [`super::examine()`] judges by these values alone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::engine::EngineInfo;
use crate::host::HostFacts;
use crate::setup::{ContainerToolkit, Need};

/// What was seen of the machine.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it is.
    pub host: HostFacts,
    /// Its engine.
    pub engine: EngineSeen,
    /// The disk that holds the engine's images, where the engine runs on this machine.
    pub engine_disk: Option<DiskSpace>,
    /// Programs that are not there.
    pub missing: BTreeSet<Need>,
    /// The NVIDIA Container Toolkit.
    pub toolkit: ContainerToolkit,
    /// The person's SSH configuration.
    pub ssh_config: SshConfig,
    /// Public keys in `~/.ssh`.
    pub ssh_keys: usize,
    /// An SSH agent is named by the environment.
    pub ssh_agent: bool,
    /// The bundle of certificate authorities.
    pub certificates: Option<PathBuf>,
    /// Names of the proxy variables that are set.
    pub proxy: Vec<String>,
}

/// What the engine answered.
#[derive(Clone, Debug)]
pub enum EngineSeen {
    /// It described itself.
    Answers {
        /// As it did.
        info: EngineInfo,
        /// It takes builds with secrets and mounts.
        build_kit: bool,
    },
    /// It did not.
    Fails {
        /// In words.
        message: String,
        /// What mends it.
        hints: Vec<String>,
    },
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// A path on it.
    pub path: PathBuf,
    /// Bytes that may still be written.
    pub free: u64,
}

/// `~/.ssh/config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshConfig {
    /// There is none: it will be made.
    Absent,
    /// It can be read.
    Readable {
        /// Our line is in it.
        included: bool,
        /// We may write it.
        writable: bool,
        /// Others may write it or it is another's, which makes `ssh` refuse to run.
        exposed: bool,
    },
    /// It can't.
    Unreadable {
        /// The system's words.
        reason: String,
    },
}
