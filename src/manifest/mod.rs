//! Reads `envctl.toml` and its overlays and returns a checked [`Manifest`], or every problem at once.
//!
//! The text of a manifest is untrusted, because it can come from a fresh clone. Every value that leaves this room has a
//! type with a checking constructor, and carries its span in the text. A checked value is well formed but not harmless:
//! the room that writes it for a shell, a Dockerfile or sshd must still quote it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

pub mod check;
pub mod error;
pub mod problem;
mod reach;
mod read;
mod reader;
pub mod schema;
pub mod settings;
pub mod sources;
pub mod system_place;
mod tree;
pub mod types;
pub mod vocabulary;

#[cfg(test)]
mod tests;

pub use check::{NotYet, reserved_variable};
pub use error::{ManifestError, ManifestProblem};
pub use problem::ProblemKind;
pub use read::{overlays, safe_directories};
pub use settings::Setting;
pub use sources::{Layer, LayerKind, Origin, Sources};
pub use types::*;
pub use vocabulary::{FrameworkWords, Vocabulary};

/// A value with the bytes of the manifest it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands in [`Manifest::text`]; none for a default or a value from the command line.
    pub span: Option<Range<usize>>,
    /// Whose it is: what acts on the host asks this, in [`crate::grants`].
    pub origin: Origin,
}

impl<T> Located<T> {
    /// A value that no text asked for.
    pub fn default_value(value: T) -> Self {
        Self { value, span: None, origin: Origin::Default }
    }

    /// Another value made from this one: of the same place and origin.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: make(self.value), span: self.span, origin: self.origin }
    }
}

/// A checked manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file it came from; `<stdin>` for standard input.
    pub path: PathBuf,
    /// Its whole text, for error snippets and suggestions.
    pub text: String,
    /// All texts it was read from: turns a span into a file, a line and a snippet.
    pub sources: Sources,
    /// Every key that a layer sets, merged, with its place.
    pub settings: Vec<Setting>,
    /// The environment's name: a DNS label, from the manifest or the directory.
    pub name: Located<EnvironmentName>,
    /// The tool versions the team allows.
    pub envctl: Option<Located<semver::VersionReq>>,
    /// The frameworks asked for, in the order of their names.
    pub frameworks: BTreeMap<FrameworkId, Located<FrameworkRequest>>,
    /// `[python]`
    pub python: Python,
    /// `[cuda]`
    pub cuda: Cuda,
    /// `[system]`
    pub system: SystemTable,
    /// `[target]`
    pub target: Target,
    /// `[gpu]`
    pub gpu: Gpu,
    /// `[run]`
    pub run: Run,
    /// `[ssh]`
    pub ssh: Ssh,
    /// `[build]`
    pub build: Build,
    /// `[network]`
    pub network: Network,
    /// `[publish]`: accepted, answered with "not yet" by the verbs that would use it.
    pub publish: Option<Located<ImageReference>>,
}

/// One framework: which releases, and which companion packages come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkRequest {
    /// Which releases.
    pub version: VersionRequest,
    /// Companion distributions (`torchvision`), normalised names.
    pub with: Vec<Located<PackageName>>,
}

/// `[python]`
#[derive(Clone, Debug, Default)]
pub struct Python {
    /// The interpreter's minor release.
    pub version: Option<Located<PythonVersion>>,
    /// PEP 508 requirements.
    pub packages: Vec<Located<Requirement>>,
    /// Requirements files, relative to the project.
    pub requirements: Vec<Located<ProjectPath>>,
    /// Nothing published later than this day, `YYYY-MM-DD`.
    pub exclude_newer: Option<Located<Date>>,
}

/// `[cuda]`
#[derive(Clone, Debug, Default)]
pub struct Cuda {
    /// The CUDA that the framework build is made for.
    pub version: Option<Located<CudaVersion>>,
    /// The cuDNN that the framework build is made for.
    pub cudnn: Option<Located<CudnnVersion>>,
    /// What of the toolkit the container itself needs.
    pub toolkit: Option<Located<Toolkit>>,
}

/// `[system]`
#[derive(Clone, Debug, Default)]
pub struct SystemTable {
    /// A distribution the matrix knows (`ubuntu:22.04`).
    pub base: Option<Located<BaseName>>,
    /// An image of the user's own instead.
    pub image: Option<Located<ImageReference>>,
    /// Distribution packages.
    pub packages: Vec<Located<SystemPackage>>,
}

/// `[target]`: the machines it must run on; without any key, this one.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The lowest driver among them (`>=535` and `535` both mean that).
    pub driver: Option<Located<DriverVersion>>,
    /// Every GPU named.
    pub gpus: Vec<Located<GpuName>>,
    /// CPU architecture.
    pub arch: Option<Located<Arch>>,
}

impl Target {
    /// Whether it names anything.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.driver.is_some() || !self.gpus.is_empty() || self.arch.is_some()
    }
}

/// `[gpu]`
#[derive(Clone, Debug)]
pub struct Gpu {
    /// Which GPUs the container gets.
    pub devices: Located<GpuDevices>,
    /// Go on without a GPU where there is none.
    pub optional: bool,
    /// What of the driver the container sees (`compute`, `utility`, `graphics`, …).
    pub driver_capabilities: Vec<DriverCapability>,
}

/// `[run]`
#[derive(Clone, Debug)]
pub struct Run {
    /// Where the project directory is mounted; none where the manifest says `false`.
    pub project: Option<ContainerPath>,
    /// Bind mounts and named volumes.
    pub mounts: Vec<Located<Mount>>,
    /// Published ports.
    pub ports: Vec<Located<Port>>,
    /// The home directory is a volume that outlives rebuilds.
    pub persist_home: bool,
    /// `/dev/shm`, bytes; none: envctl's default.
    pub shm_size: Option<Located<ByteSize>>,
    /// Resource limits by name (`memlock`).
    pub ulimits: BTreeMap<UlimitName, Located<Ulimit>>,
    /// Environment variables.
    pub env: BTreeMap<EnvName, Located<EnvValue>>,
    /// Files of `NAME=value` lines.
    pub env_file: Vec<Located<PathBuf>>,
    /// The working directory of every session.
    pub workdir: Option<Located<ContainerPath>>,
    /// The user inside; none: the caller.
    pub user: Option<Located<UserName>>,
    /// What runs beside sshd as the container's main process.
    pub command: Option<Located<Vec<String>>>,
    /// The container's host name; none: the environment's name.
    pub hostname: Option<Located<HostName>>,
    /// IPC namespace (`host`, `private`, `shareable`).
    pub ipc: Option<Located<IpcMode>>,
    /// Restart policy.
    pub restart: Option<Located<Restart>>,
    /// CPU share, in CPUs.
    pub cpus: Option<Located<CpuCount>>,
    /// Memory limit, bytes.
    pub memory: Option<Located<ByteSize>>,
    /// All of the host's devices and capabilities.
    pub privileged: Option<Located<bool>>,
    /// Linux capabilities added.
    pub cap_add: Vec<Located<LinuxCapability>>,
    /// Device nodes, `docker run --device` form.
    pub devices: Vec<Located<Device>>,
    /// Network mode.
    pub network: Option<Located<NetworkMode>>,
    /// Share the host's X server: accepted, "not yet".
    pub x11: Option<Located<bool>>,
    /// Relabelling for `SELinux`: accepted, "not yet".
    pub selinux: Option<Located<String>>,
    /// Volumes of other containers: accepted, "not yet".
    pub volumes_from: Vec<Located<String>>,
    /// `tmpfs` mounts.
    pub tmpfs: Vec<Located<ContainerPath>>,
    /// Lines for `/etc/hosts`, `name:address`.
    pub extra_hosts: Vec<Located<ExtraHost>>,
}

/// `[ssh]`
#[derive(Clone, Debug)]
pub struct Ssh {
    /// Whether an SSH server runs.
    pub enabled: bool,
    /// The host's port; none: a free one, kept for this environment.
    pub port: Option<Located<u16>>,
    /// The host's address it listens on.
    pub listen: Located<std::net::IpAddr>,
    /// Files of public keys; none: the caller's.
    pub authorized_keys: Option<Vec<Located<PathBuf>>>,
}

/// `[build]`
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Shell lines, each a `RUN` as root after the packages.
    pub run: Vec<Located<String>>,
    /// `"from:to"` files of the project copied into the image.
    pub copy: Vec<Located<Copy>>,
    /// Secrets the `run` lines may read under `/run/secrets/NAME`.
    pub secrets: Vec<Located<Secret>>,
    /// Build arguments.
    pub args: BTreeMap<EnvName, Located<String>>,
    /// Dockerfile lines for the end of the file, as they are.
    pub append: Option<Located<String>>,
}

/// `[network]`: usually a site's or a person's, from their configuration.
#[derive(Clone, Debug)]
pub struct Network {
    /// Package mirror of the distribution, a URL.
    pub apt_mirror: Option<Located<Url>>,
    /// Python package index, a URL.
    pub pip_index: Option<Located<Url>>,
    /// Further Python indexes, URLs.
    pub pip_extra_indexes: Vec<Located<Url>>,
    /// Registry that serves the base images, `host[:port][/path]`.
    pub image_mirror: Option<Located<RegistryPrefix>>,
    /// HTTP proxy of the build steps.
    pub proxy: Option<Located<Url>>,
    /// Hosts reached without it.
    pub no_proxy: Vec<Located<NoProxyHost>>,
    /// Where managed Python builds come from.
    pub python_mirror: Option<Located<Url>>,
    /// Whom the build steps trust.
    pub ca_certificates: Located<CaCertificates>,
    /// Where base images come from.
    pub base_images: Located<BaseImages>,
}

/// Whom the build steps trust. It reaches them as a secret mount and never the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaCertificates {
    /// Whom this host trusts: its own bundle. The default: what this machine can reach, its builds can.
    Host,
    /// What the base image trusts.
    Image,
    /// These PEM files.
    Files(Vec<PathBuf>),
}

/// Where base images come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaseImages {
    /// A registry, through the engine.
    #[default]
    Registry,
    /// The distribution's own packages, made here.
    Bootstrap,
}
