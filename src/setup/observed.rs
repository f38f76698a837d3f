//! The observed state of an engine and of the tools around it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::host::parse::os::Release;

/// What was found. Everything [`super::plan()`] decides by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledParts {
    /// The distribution, where it says.
    pub distribution: Option<Release>,
    /// Who calls.
    pub caller: Caller,
    /// Where the engine is expected: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// Whether it answers there.
    pub engine: EngineState,
    /// Whether the engine's program is installed.
    pub daemon: bool,
    /// Whether systemd runs this machine: installed is not enough, as in a container.
    pub systemd: bool,
    /// Process ID files of an engine that is dead, while the numbers in them belong to other processes now.
    pub stale: Vec<PathBuf>,
    /// Programs that are not there.
    pub missing: BTreeSet<Need>,
    /// The NVIDIA Container Toolkit.
    pub toolkit: ContainerToolkit,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// May do what root may.
    pub is_root: bool,
    /// The person, also behind `sudo`; `root` where there is no other.
    pub user: String,
    /// `sudo` is there.
    pub sudo: bool,
    /// The person is a member of the group that may use the engine, by `/etc/group`.
    pub in_docker_group: bool,
}

/// Whether an engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineState {
    /// It does.
    Answers,
    /// It is there, and this user may not speak to it.
    Denied,
    /// Nobody listens.
    Silent,
}

/// A program this tool or its engine needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// `iptables`, for the engine's networks and ports.
    Iptables,
    /// `ps`, with which the engine lists what runs in a container.
    Ps,
    /// `python3 -m pip`, which fetches the package resolver.
    Pip,
    /// `ssh`.
    SshClient,
    /// `mmdebstrap`, for base images where no registry can be reached.
    Mmdebstrap,
    /// `newuidmap`, with which a person who is not root runs `mmdebstrap`.
    UidMap,
    /// The bundle of certificate authorities.
    Certificates,
}

/// The NVIDIA Container Toolkit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerToolkit {
    /// There is no NVIDIA driver: it is not needed.
    NotNeeded,
    /// There is a driver and no toolkit.
    Missing {
        /// `curl`, which fetches its repository's key, is not there either.
        curl: bool,
    },
    /// It is there.
    Installed,
}
