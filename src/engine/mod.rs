//! The seam to a container engine, in our own types. Only the files under `docker` name `bollard`; `fake` stands beside
//! them and passes the same contract tests.
//!
//! What an engine says when it refuses is told apart by what the user can do about it ([`EngineError`]); its words are
//! kept as they are. Nothing here decides what to run: that is `reconcile`.

mod build_failure;
mod container;
pub mod docker;
mod endpoint;
mod errors;
mod exec;
pub mod fake;
mod gpu;
mod gpu_route;
mod image;
mod refusal;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

pub use build_failure::{BuildCause, BuildFailure, dockerfile_line};
pub use container::{
    ContainerId, ContainerSpec, ContainerState, ContainerStatus, DeviceSpec, MountKind, MountSpec, Process,
    PublishedPort, UlimitSpec,
};
pub use endpoint::{Address, EngineAddress};
pub use errors::EngineError;
pub use exec::{ExecIo, ExecOutput, ExecSpec, LogsIo, LogsSpec};
pub use gpu::{GpuRoute, GpuSelection, GpuSpec};
pub use gpu_route::gpu_route;
pub use image::{ImageBuild, ImageId, ImageState, LOCAL_IMAGES, ListedImage};

use crate::event::Sink;

/// What envctl asks of an engine. All calls of one process run on one thread.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Engine {
    /// Engine kind, version and what it offers. Costs the engine about 20 ms: never on the path of a no-op `up`.
    async fn describe(&self) -> Result<EngineInfo, EngineError>;

    /// Where it listens: `unix:///var/run/docker.sock`. Asks nobody.
    fn endpoint(&self) -> &str;

    /// The containers, running or not, that carry all these labels (a value of `None` takes any value).
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError>;

    /// One container by name or ID; `None` where there is none.
    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError>;

    /// One image by reference or ID; `None` where the engine has none.
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError>;

    /// The images that carry all these labels, those without a name among them.
    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError>;

    /// The labels of a volume; `None` where the engine has none of that name.
    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError>;

    /// The digest a registry serves for a reference, asked through the engine with its mirrors and credentials.
    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError>;

    /// Fetches an image from its registry, also where the engine has one of that name; progress goes to `sink`.
    async fn pull(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Builds an image with `BuildKit`; progress goes to `sink`. Dropping the future stops the build.
    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError>;

    /// Loads a `docker save` archive from disk.
    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Makes sure that there is a network of that name whose containers do not reach each other. One that lets them is
    /// [`EngineError::NetworkOpen`].
    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError>;

    /// Makes a container; it does not start. The volumes that are made with it get its labels.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError>;

    /// Unpacks a tar archive at `directory`, also in a container that never started (its volumes included).
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError>;

    /// The bytes of a regular file in a container, running or not (its volumes included); `None` where there is none, or
    /// something else, or one of more than `limit` bytes.
    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError>;

    /// Gives it another name, running or not.
    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError>;

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

    /// Runs a command in a running container, joined to `io`, and returns its exit code. A command that could not be
    /// started is [`EngineError::CommandNotRun`], never a code.
    async fn exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError>;

    /// Runs a command in a running container and collects what it prints.
    async fn exec_output(&self, container: &str, exec: &ExecSpec) -> Result<ExecOutput, EngineError>;

    /// Writes the container's log to `out` and `err` until it ends, or for ever with `follow`.
    async fn logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError>;

    /// The processes in it, as the host sees them.
    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError>;
}

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
