//! The seam to a container engine, in our own types. `docker` is the only file that names `bollard`; `fake` stands beside
//! it and passes the same contract tests.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::event::Sink;
use crate::manifest::Protocol;

/// Twelve verbs and what they need. All calls of one process run on one thread.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Engine {
    /// Engine kind, version and what it offers. Costs the engine about 20 ms: never on the path of a no-op `up`.
    async fn describe(&self) -> Result<EngineInfo, EngineError>;

    /// The containers, running or not, that carry all these labels (a value of `None` takes any value).
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError>;

    /// One container by name or ID; `None` where there is none.
    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError>;

    /// One image by reference or ID; `None` where the engine has none.
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError>;

    /// The digest a registry serves for a reference, asked through the engine with its mirrors and credentials.
    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError>;

    /// Builds an image with BuildKit; progress goes to `sink`.
    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError>;

    /// Loads a `docker save` archive from disk.
    async fn load(&self, archive: &std::path::Path, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Makes a container; it does not start.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError>;

    /// Unpacks a tar archive at `directory`, also in a container that never started (its volumes included).
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError>;

    /// Starts it; no error where it runs already.
    async fn start(&self, container: &str) -> Result<(), EngineError>;

    /// Stops it, killing it after `grace` seconds; no error where it is stopped already.
    async fn stop(&self, container: &str, grace: u32) -> Result<(), EngineError>;

    /// Removes it, stopped or not; no error where it is gone.
    async fn remove(&self, container: &str) -> Result<(), EngineError>;

    /// Removes a named volume; no error where it is gone.
    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError>;

    /// Removes an image; no error where it is gone.
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError>;

    /// Runs a command in a running container, joined to `io`, and returns its exit code.
    async fn exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError>;

    /// Runs a command in a running container and collects what it prints.
    async fn exec_output(&self, container: &str, exec: &ExecSpec) -> Result<ExecOutput, EngineError>;

    /// Writes the container's log to `out` and `err` until it ends, or for ever with `follow`.
    async fn logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError>;

    /// The processes in it, as the host sees them: PID, user, seconds since start, command line.
    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError>;
}

/// An image by its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub String);

/// A container by its full ID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(pub String);

/// What the engine says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// `docker` or `podman`.
    pub kind: String,
    /// `20.10.24`
    pub version: String,
    /// Where it listens: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// `x86_64`
    pub architecture: String,
    /// Where images lie.
    pub root_directory: String,
    /// OCI runtimes registered (`runc`, `nvidia`).
    pub runtimes: Vec<String>,
    /// CDI devices and specification directories it knows, on engines that say so.
    pub cdi: Vec<String>,
    /// Rootless, user-namespace remapping and the like.
    pub security_options: Vec<String>,
}

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
    pub status: ContainerStatus,
    /// RFC 3339, as the engine writes it; empty in a list.
    pub started_at: String,
    /// Host ports in force; only while it runs.
    pub ports: Vec<PublishedPort>,
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

/// A published port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PublishedPort {
    pub address: IpAddr,
    pub host: u16,
    pub container: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

impl From<Protocol> for &'static str {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// What the engine says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageState {
    pub id: ImageId,
    /// `name@sha256:…`, where it came from a registry.
    pub repo_digests: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value` as in the image.
    pub env: Vec<String>,
    /// Bytes.
    pub size: u64,
}

/// An image to build.
#[derive(Clone, Debug, Default)]
pub struct ImageBuild {
    /// `envctl/NAME:HASH`
    pub tag: String,
    /// The build context, as a tar archive with the `Dockerfile` in it: sorted, no times, no owners.
    pub context: Vec<u8>,
    pub build_args: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Secret mounts by id: files on this host.
    pub secret_files: BTreeMap<String, PathBuf>,
    /// Secret mounts by id: variables of this process.
    pub secret_env: BTreeMap<String, String>,
    /// `linux/amd64`; empty: the engine's own.
    pub platform: String,
    /// Ask the registry again for the base.
    pub pull: bool,
    /// Use nothing from the build cache.
    pub no_cache: bool,
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
    pub ipc: Option<String>,
    /// `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`.
    pub restart: Option<String>,
    /// Billionths of a CPU.
    pub nano_cpus: Option<i64>,
    /// Bytes.
    pub memory: Option<u64>,
    pub privileged: bool,
    pub cap_add: Vec<String>,
    pub devices: Vec<DeviceSpec>,
    pub network: Option<String>,
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

/// GPUs to ask for, and in which of the ways a host may offer them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GpuSpec {
    pub via: GpuRoute,
    pub devices: GpuSelection,
    /// `compute`, `utility`, …
    pub driver_capabilities: Vec<String>,
}

/// The way to ask for a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpuRoute {
    /// A Container Device Interface request (`nvidia.com/gpu=all`).
    Cdi,
    /// What `docker run --gpus` sends.
    DeviceRequest,
    /// `--runtime nvidia` with `NVIDIA_VISIBLE_DEVICES`.
    Runtime,
}

/// Which GPUs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpuSelection {
    All,
    Count(u32),
    /// Indices or `GPU-…`/`MIG-…` identifiers, as text.
    Devices(Vec<String>),
}

/// A command to run inside.
#[derive(Clone, Debug, Default)]
pub struct ExecSpec {
    pub command: Vec<String>,
    pub env: Vec<String>,
    /// `uid:gid` or a name; empty: the container's.
    pub user: String,
    /// Empty: the container's.
    pub workdir: String,
    pub tty: bool,
    pub stdin: bool,
}

/// The caller's side of an exec. The engine copies bytes and listens for resizes; raw mode is the caller's business.
pub struct ExecIo {
    /// What the command reads; none: it reads nothing.
    pub stdin: Option<Box<dyn tokio::io::AsyncRead + Unpin>>,
    /// What it prints.
    pub stdout: Box<dyn tokio::io::AsyncWrite + Unpin>,
    /// What it prints as errors (nothing comes here with a TTY).
    pub stderr: Box<dyn tokio::io::AsyncWrite + Unpin>,
    /// Terminal sizes (columns, rows), the first at once.
    pub resizes: Option<tokio::sync::mpsc::UnboundedReceiver<(u16, u16)>>,
}

/// What a command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    pub code: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Which part of a log.
#[derive(Clone, Debug, Default)]
pub struct LogsSpec {
    pub follow: bool,
    /// The last so many lines; none: all.
    pub tail: Option<u64>,
    pub timestamps: bool,
}

/// Where a log goes.
pub struct LogsIo {
    pub stdout: Box<dyn tokio::io::AsyncWrite + Unpin>,
    pub stderr: Box<dyn tokio::io::AsyncWrite + Unpin>,
}

/// A process inside, as the host sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Process {
    /// The host's number for it.
    pub pid: u32,
    /// The parent's.
    pub parent: u32,
    pub user: String,
    pub command: String,
}

/// What went wrong at the engine, told apart by what the user can do.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No socket, or nobody may open it.
    #[error("can't reach the container engine at {endpoint}: {reason}")]
    Unreachable {
        /// Where.
        endpoint: String,
        /// The system's words.
        reason: String,
        /// Whether it is a matter of permission.
        denied: bool,
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
    NameTaken {
        /// Which.
        name: String,
    },
    /// A mount's source is not there.
    #[error("the mount source `{path}` does not exist")]
    MountMissing {
        /// On the host.
        path: String,
    },
    /// The engine has no way to give a container a GPU.
    #[error("the container engine can't give containers a GPU: {reason}")]
    NoGpu {
        /// The engine's words.
        reason: String,
    },
    /// The engine may not set that limit.
    #[error("the container engine may not set the limit `{limit}`")]
    UlimitRefused {
        /// `memlock`
        limit: String,
        /// The engine's words.
        reason: String,
    },
    /// No such image locally, or the registry does not serve it.
    #[error("there is no image `{reference}`: {reason}")]
    NoImage {
        /// Which.
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
    #[error("the build failed at `{step}`")]
    BuildFailed {
        /// The step's name as the builder gives it.
        step: String,
        /// Its last lines.
        log: Vec<String>,
        /// The builder's words.
        reason: String,
    },
    /// The command inside could not be started: exit code as Docker's (126, 127).
    #[error("can't run `{command}` in the container: {reason}")]
    CommandNotRun {
        /// Which.
        command: String,
        /// The engine's words.
        reason: String,
        /// 126 or 127.
        code: i64,
    },
    /// There is no such container.
    #[error("there is no container `{name}`")]
    NoContainer {
        /// Which.
        name: String,
    },
    /// It is not running.
    #[error("the container `{name}` is not running")]
    NotRunning {
        /// Which.
        name: String,
    },
    /// The engine went away in the middle.
    #[error("the connection to the container engine broke off: {reason}")]
    ConnectionLost {
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
