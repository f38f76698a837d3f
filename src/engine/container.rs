//! Containers as values: the specification of a container to create, a container in a list, and the state of one.
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

/// A container in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedContainer {
    pub id: ContainerId,
    /// The name without the leading slash.
    pub name: String,
    /// The image reference that the container was created from.
    pub image_reference: String,
    pub labels: BTreeMap<String, String>,
    pub status: ContainerStatus,
    /// The published host ports; empty unless the container runs.
    pub ports: Vec<PublishedPort>,
    /// The names of the mounted volumes.
    pub volumes: Vec<String>,
    /// The host paths that the engine looks up and mounts at every start.
    pub binds: Vec<HostPath>,
}

/// The state of one container, which the engine was asked for by name or ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    pub id: ContainerId,
    /// The name without the leading slash.
    pub name: String,
    pub image: ImageId,
    /// The image reference that the container was created from.
    pub image_reference: String,
    pub labels: BTreeMap<String, String>,
    /// The variables, `NAME=value`, as at creation.
    pub env: Vec<String>,
    pub status: ContainerStatus,
    /// The process ID of its first process on the engine's host; `None` if the container does not run.
    pub first_process: Option<u32>,
    /// The start time in RFC 3339, as the engine writes it; `None` if the container never started.
    pub started_at: Option<String>,
    /// The published host ports; empty unless the container runs.
    pub ports: Vec<PublishedPort>,
    /// The names of the mounted volumes.
    pub volumes: Vec<String>,
    /// The host paths that the engine looks up and mounts at every start.
    pub binds: Vec<HostPath>,
    /// Whether the engine starts it again by itself.
    pub restarts: bool,
}

/// A path of the engine's host that is mounted in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPath {
    pub path: String,
    pub is_writable: bool,
}

/// The status of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerStatus {
    /// The container was created and never started, or its start failed.
    Created,
    Running,
    Paused,
    Restarting,
    /// The container ended with this exit code.
    Exited {
        code: i64,
    },
    /// The container is being removed, or the engine lost it.
    Dead,
}

impl ContainerStatus {
    /// Whether the container runs or is about to run.
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

/// The specification of a container to create. A later `up` compares its hash, in a label, to see that nothing
/// changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ContainerSpec {
    pub name: String,
    pub hostname: String,
    /// The image's reference or ID.
    pub image: String,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value`
    pub env: Vec<String>,
    /// The entrypoint; empty: the image's.
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub workdir: String,
    /// The user; empty: the image's.
    pub user: String,
    pub mounts: Vec<MountSpec>,
    pub ports: Vec<PublishedPort>,
    pub gpu: Option<GpuSpec>,
    /// The size of `/dev/shm` in bytes.
    pub shm_size: Option<u64>,
    pub ulimits: Vec<UlimitSpec>,
    /// Whether process 1 is a small init.
    pub init: bool,
    pub ipc: Option<IpcMode>,
    pub restart: Option<Restart>,
    /// The CPU limit in billionths of a CPU.
    pub nano_cpus: Option<i64>,
    /// The memory limit in bytes.
    pub memory: Option<u64>,
    pub privileged: bool,
    /// Whether setuid programs and file capabilities in the container have no effect.
    pub no_new_privileges: bool,
    pub cap_add: Vec<String>,
    /// Capabilities to remove from the engine's default set.
    pub cap_drop: Vec<String>,
    pub devices: Vec<DeviceSpec>,
    pub network: Option<String>,
    /// Paths in the container that are kept in memory.
    pub tmpfs: Vec<String>,
    pub extra_hosts: Vec<String>,
}

/// A mount of a host directory or a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MountSpec {
    pub kind: MountKind,
    /// A path on the engine's host, or a volume's name.
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

/// The kind of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MountKind {
    Bind,
    Volume,
}

/// A resource limit; -1 means unlimited.
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

/// A process in a container, as the host sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The process ID on the host.
    pub pid: u32,
    /// The process ID of the parent.
    pub parent: u32,
    /// The session ID: the process ID of the process that opened the session.
    pub session: u32,
    pub user: String,
    pub command: String,
}
