//! The observed state of an engine and of the tools around it.
//!
//! Tests fill it by hand for machines of every kind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::host::parse::os::Release;

/// The observed state. [`super::plan()`] decides by these values alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledParts {
    /// The distribution. `None`: it does not give its name.
    pub distribution: Option<Release>,
    /// The user who calls envctl.
    pub caller: Caller,
    /// The expected address of the engine: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// Whether the engine answers at that address.
    pub engine: EngineState,
    /// Whether the engine's program is installed.
    pub daemon: bool,
    /// Whether systemd runs this machine. In a container it can be installed without running.
    pub systemd: bool,
    /// Process ID files of a dead engine with numbers that other processes use now.
    pub stale: Vec<PathBuf>,
    /// Programs that are not installed.
    pub missing: BTreeSet<Need>,
    /// The NVIDIA Container Toolkit.
    pub toolkit: ContainerToolkit,
}

/// The user who calls envctl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Whether the process has the rights of root.
    pub is_root: bool,
    /// The user's name, also under `sudo`; `root` if no other user exists.
    pub user: String,
    /// Whether `sudo` is installed.
    pub sudo: bool,
    /// Whether `/etc/group` lists the user in the group that can use the engine.
    pub in_docker_group: bool,
}

/// The state of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineState {
    Answers,
    /// The engine exists, but this user has no access to it.
    Denied,
    /// No process listens.
    Silent,
}

/// A program that envctl or its engine needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// `iptables`, for the engine's networks and ports.
    Iptables,
    /// `ps`, with which the engine lists the processes of a container.
    Ps,
    /// `python3 -m pip`, which downloads the package resolver.
    Pip,
    /// `ssh`, the client.
    SshClient,
    /// `mmdebstrap`, which makes base images without a registry.
    Mmdebstrap,
    /// `newuidmap`, with which a user without root runs `mmdebstrap`.
    UidMap,
    /// The bundle of certificate authorities.
    Certificates,
}

/// The NVIDIA Container Toolkit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerToolkit {
    /// It is not needed, because the machine has no NVIDIA driver.
    NotNeeded,
    /// The machine has a driver but no toolkit.
    Missing {
        /// Whether `curl`, which downloads the repository's key, is missing too.
        curl: bool,
    },
    Installed,
}
