//! Containers as values: the specification of a container to create, and the state that the engine reports.
//!
//! These types are envctl's own, so that no type of the engine's client library leaves this room.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{GpuSpec, ImageId};
use crate::manifest::{IpcMode, Protocol, Restart};

/// A container by its full ID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(pub String);

/// What the engine says of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    pub id: ContainerId,
    /// Without the leading slash.
    pub name: String,
    pub image: ImageId,
    /// The reference it was made from.
    pub image_reference: String,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value` as it was made; empty in a list.
    pub env: Vec<String>,
    pub status: ContainerStatus,
    /// The number of its first process, as the engine's host counts; 0 where it does not run, and in a list.
    pub first_process: u32,
    /// RFC 3339, as the engine writes it; empty in a list.
    pub started_at: String,
    /// Host ports in force; only while it runs.
    pub ports: Vec<PublishedPort>,
    /// Names of the volumes mounted in it.
    pub volumes: Vec<String>,
    /// Host paths that the engine looks up and mounts at every start; empty in a list.
    pub binds: Vec<String>,
    /// What the engine said when it last failed to start.
    pub error: String,
}

/// Where a container stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerStatus {
    /// Made, never started (or its start failed).
    Created,
    Running,
    Paused,
    Restarting,
    /// It ended, with its exit code.
    Exited {
        code: i64,
    },
    /// Being removed, or the engine lost it.
    Dead,
}

impl ContainerStatus {
    /// Whether it runs, or is about to.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Restarting)
    }
}

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PublishedPort {
    pub address: IpAddr,
    pub host: u16,
    pub container: u16,
    pub protocol: Protocol,
}

/// A container to make. Its hash, in a label, is how a later `up` sees that nothing changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ContainerSpec {
    pub name: String,
    pub hostname: String,
    /// Reference or ID.
    pub image: String,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value`
    pub env: Vec<String>,
    /// Empty: the image's.
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub workdir: String,
    /// Empty: the image's.
    pub user: String,
    pub mounts: Vec<MountSpec>,
    pub ports: Vec<PublishedPort>,
    pub gpu: Option<GpuSpec>,
    /// Bytes.
    pub shm_size: Option<u64>,
    pub ulimits: Vec<UlimitSpec>,
    /// A tiny init as process 1.
    pub init: bool,
    pub ipc: Option<IpcMode>,
    pub restart: Option<Restart>,
    /// Billionths of a CPU.
    pub nano_cpus: Option<i64>,
    /// Bytes.
    pub memory: Option<u64>,
    pub privileged: bool,
    /// Setuid programs and file capabilities inside give a process nothing.
    pub no_new_privileges: bool,
    pub cap_add: Vec<String>,
    /// Capabilities taken away from what the engine gives by default.
    pub cap_drop: Vec<String>,
    pub devices: Vec<DeviceSpec>,
    pub network: Option<String>,
    /// Paths inside that are kept in memory.
    pub tmpfs: Vec<String>,
    pub extra_hosts: Vec<String>,
}

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MountSpec {
    pub kind: MountKind,
    /// A path of the engine's host, or a volume's name.
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

/// Of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MountKind {
    Bind,
    Volume,
}

/// A resource limit; -1 is unlimited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UlimitSpec {
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

/// A device node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceSpec {
    pub host: String,
    pub container: String,
    pub permissions: String,
}

/// A process inside, as the host sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The host's number for it.
    pub pid: u32,
    /// The parent's.
    pub parent: u32,
    /// The number of the session that it belongs to, which is that of the process that opened it.
    pub session: u32,
    pub user: String,
    pub command: String,
}
