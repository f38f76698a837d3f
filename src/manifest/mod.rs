//! Reads `envctl.toml` and its overlays and returns a checked [`Manifest`], or every problem at once.
//!
//! The text of a manifest is untrusted, because it can come from a fresh clone. Every value that leaves this room has a
//! type with a checking constructor, and carries its span in the text. A checked value is well formed but not harmless:
//! the room that writes it for a shell, a Dockerfile or sshd must still quote it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::version::{CudaVersion, CudnnVersion, DriverVersion, VersionRequest};

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

/// A value with its span in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    /// The position of the value in [`Manifest::text`]. `None`: a default, or a value from the command line.
    pub span: Option<Range<usize>>,
    /// The author of the value. [`crate::grants`] uses it to judge every effect on the host.
    pub origin: Origin,
}

impl<T> Located<T> {
    /// A value that no text sets.
    pub fn default_value(value: T) -> Self {
        Self { value, span: None, origin: Origin::Default }
    }

    /// Makes another value from this one, with the same span and origin.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: make(self.value), span: self.span, origin: self.origin }
    }
}

/// A checked manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file of the manifest; `<stdin>` for standard input.
    pub path: PathBuf,
    /// The complete text, for error snippets and suggestions.
    pub text: String,
    /// All texts of the manifest. They turn a span into a file, a line and a snippet.
    pub sources: Sources,
    /// Every key that a layer sets, merged, with its span.
    pub settings: Vec<Setting>,
    /// The environment's name: a DNS label, from the manifest or the directory.
    pub name: Located<EnvironmentName>,
    /// The versions of envctl that the team allows.
    pub envctl: Option<Located<semver::VersionReq>>,
    /// The requested frameworks, in the order of their names.
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
    /// `[publish]`: accepted, but the verbs that need it answer "not yet".
    pub publish: Option<Located<ImageReference>>,
}

/// One framework: its releases and its companion packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkRequest {
    /// The releases that fit the request.
    pub version: VersionRequest,
    /// Companion distributions (`torchvision`), with normalised names.
    pub with: Vec<Located<PackageName>>,
    /// Whether it computes on the GPU of the environment. `false`: a build for the CPU.
    pub gpu: bool,
}

/// `[python]`
#[derive(Clone, Debug, Default)]
pub struct Python {
    /// The interpreter's minor releases.
    pub version: Option<Located<PythonRequest>>,
    /// The `requires-python` of the `pyproject.toml` beside the manifest. It is no key: the project's loader sets it.
    pub requires: Option<RequiresPython>,
    /// PEP 508 requirements.
    pub packages: Vec<Located<Requirement>>,
    /// Files with requirements, relative to the project.
    pub requirements: Vec<Located<RequirementsEntry>>,
    /// The last day of publication for packages, `YYYY-MM-DD`.
    pub exclude_newer: Option<Located<Date>>,
}

/// `[cuda]`
#[derive(Clone, Debug, Default)]
pub struct Cuda {
    /// The CUDA of the framework build.
    pub version: Option<Located<CudaVersion>>,
    /// The cuDNN of the framework build.
    pub cudnn: Option<Located<CudnnVersion>>,
    /// The part of the toolkit that the container itself needs.
    pub toolkit: Option<Located<Toolkit>>,
}

/// `[system]`
#[derive(Clone, Debug)]
pub struct SystemTable {
    /// A distribution in the matrix (`ubuntu:22.04`).
    pub base: Option<Located<BaseName>>,
    /// An image of the user, in place of a distribution.
    pub image: Option<Located<ImageReference>>,
    /// Distribution packages.
    pub packages: Vec<Located<SystemPackage>>,
    /// Whether packages are added for the libraries that Python packages need.
    pub libraries: bool,
}

/// `[target]`: the machines on which the environment must run. Without any key it is this machine.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The lowest driver of these machines (`>=535` and `535` have the same meaning).
    pub driver: Option<Located<DriverVersion>>,
    /// The GPUs of these machines.
    pub gpus: Vec<Located<GpuName>>,
    /// CPU architecture.
    pub arch: Option<Located<Arch>>,
}

impl Target {
    /// Whether the table sets any key.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.driver.is_some() || !self.gpus.is_empty() || self.arch.is_some()
    }
}

/// `[gpu]`
#[derive(Clone, Debug)]
pub struct Gpu {
    /// The GPUs that the container gets.
    pub devices: Located<GpuDevices>,
    /// Whether the environment starts without a GPU on a machine that has none.
    pub optional: bool,
    /// The parts of the driver that the container sees (`compute`, `utility`, `graphics`, …).
    pub driver_capabilities: Vec<DriverCapability>,
}

/// `[run]`
#[derive(Clone, Debug)]
pub struct Run {
    /// The path at which the project directory is mounted. `None`: the manifest says `false`.
    pub project: Option<ContainerPath>,
    /// Bind mounts and named volumes.
    pub mounts: Vec<Located<Mount>>,
    /// Published ports.
    pub ports: Vec<Located<Port>>,
    /// Whether the home directory is a volume that survives rebuilds.
    pub persist_home: bool,
    /// The size of `/dev/shm`, bytes. `None`: envctl's default.
    pub shm_size: Option<Located<ByteSize>>,
    /// Resource limits by name (`memlock`).
    pub ulimits: BTreeMap<UlimitName, Located<Ulimit>>,
    /// Environment variables.
    pub env: BTreeMap<EnvName, Located<EnvValue>>,
    /// Files of `NAME=value` lines.
    pub env_file: Vec<Located<PathBuf>>,
    /// The working directory of every session.
    pub workdir: Option<Located<ContainerPath>>,
    /// The user inside the container. `None`: the caller.
    pub user: Option<Located<UserName>>,
    /// The main process of the container. sshd runs beside it.
    pub command: Option<Located<Vec<String>>>,
    /// The container's host name. `None`: the environment's name.
    pub hostname: Option<Located<HostName>>,
    /// IPC namespace (`host`, `private`, `shareable`).
    pub ipc: Option<Located<IpcMode>>,
    /// Restart policy.
    pub restart: Option<Located<Restart>>,
    /// The CPU limit, in CPUs.
    pub cpus: Option<Located<CpuCount>>,
    /// Memory limit, bytes.
    pub memory: Option<Located<ByteSize>>,
    /// Whether the container gets all of the host's devices and capabilities.
    pub privileged: Option<Located<bool>>,
    /// Additional Linux capabilities.
    pub cap_add: Vec<Located<LinuxCapability>>,
    /// Device nodes, `docker run --device` form.
    pub devices: Vec<Located<Device>>,
    pub network: Option<Located<NetworkMode>>,
    /// Access to the host's X server: accepted, but answered with "not yet".
    pub x11: Option<Located<bool>>,
    /// A relabelling for `SELinux`: accepted, but answered with "not yet".
    pub selinux: Option<Located<String>>,
    /// Volumes of other containers: accepted, but answered with "not yet".
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
    /// The host's port. `None`: a free port, which this environment keeps.
    pub port: Option<Located<u16>>,
    /// The host's address on which the server listens.
    pub listen: Located<std::net::IpAddr>,
    /// Files of public keys. `None`: the caller's keys.
    pub authorized_keys: Option<Vec<Located<PathBuf>>>,
}

/// `[build]`
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Shell lines. Each is a `RUN` as root after the packages.
    pub run: Vec<Located<String>>,
    /// Files of the project that are copied into the image, `"from:to"`.
    pub copy: Vec<Located<Copy>>,
    /// Secrets that the `run` lines can read under `/run/secrets/NAME`.
    pub secrets: Vec<Located<Secret>>,
    /// Build arguments.
    pub args: BTreeMap<EnvName, Located<String>>,
    /// Dockerfile lines for the end of the file, unchanged.
    pub append: Option<Located<String>>,
}

/// `[network]`: usually set in the configuration of a machine or a user.
#[derive(Clone, Debug)]
pub struct Network {
    /// The package mirror of the distribution, a URL.
    pub apt_mirror: Option<Located<Url>>,
    /// The Python package index, a URL.
    pub pip_index: Option<Located<Url>>,
    /// Additional Python indexes, URLs.
    pub pip_extra_indexes: Vec<Located<Url>>,
    /// The registry that serves the base images, `host[:port][/path]`.
    pub image_mirror: Option<Located<RegistryPrefix>>,
    /// The HTTP proxy of the build steps.
    pub proxy: Option<Located<Url>>,
    /// Hosts that the build steps reach without the proxy.
    pub no_proxy: Vec<Located<NoProxyHost>>,
    /// The mirror of managed Python builds, a URL.
    pub python_mirror: Option<Located<Url>>,
    /// The certificates that the build steps trust.
    pub ca_certificates: Located<CaCertificates>,
    /// The source of base images.
    pub base_images: Located<BaseImages>,
}

/// The certificates that the build steps trust. They reach the steps as a secret mount and are never in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaCertificates {
    /// This host's own bundle. It is the default, so that builds reach the same servers as this machine.
    Host,
    /// The certificates of the base image.
    Image,
    /// The given PEM files.
    Files(Vec<PathBuf>),
}

/// The source of base images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BaseImages {
    /// A registry, through the engine.
    #[default]
    Registry,
    /// The distribution's own packages, from which this machine makes the image.
    Bootstrap,
}
