//! The operations of an engine, grouped in roles as traits.
//!
//! A function takes only the role that it uses, where one role is enough.

use std::collections::BTreeMap;
use std::path::Path;

use super::{
    ContainerId, ContainerSpec, ContainerState, EngineError, EngineInfo, ExecIo, ExecOutput, ExecSpec, ImageBuild,
    ImageId, ImageState, ListedImage, LogsIo, LogsSpec, Process,
};
use crate::event::Sink;

/// A container engine: all roles, and itself. All calls of one process run on one thread.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Engine: ContainerLife + ContainerInside + ImageStore + VolumeStore {
    /// Engine kind, version and what it offers. Costs the engine about 20 ms: never on the path of a no-op `up`.
    async fn describe(&self) -> Result<EngineInfo, EngineError>;

    /// Where it listens: `unix:///var/run/docker.sock`. Asks nobody.
    fn endpoint(&self) -> &str;

    /// Makes sure that there is a network of that name whose containers do not reach each other. One that lets them is
    /// [`EngineError::NetworkOpen`].
    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError>;
}

/// Containers as the engine lists and keeps them.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ContainerLife {
    /// The containers, running or not, that carry all these labels (a value of `None` takes any value).
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError>;

    /// One container by name or ID; `None` where there is none.
    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError>;

    /// Makes a container; it does not start. The volumes that are made with it get its labels.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError>;

    /// Gives it another name, running or not.
    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError>;

    /// Starts it; no error where it runs already.
    async fn start(&self, container: &str) -> Result<(), EngineError>;

    /// Stops it, killing it after `grace` seconds; no error where it is stopped already.
    async fn stop(&self, container: &str, grace: u32) -> Result<(), EngineError>;

    /// Removes it, stopped or not; no error where it is gone.
    async fn remove(&self, container: &str) -> Result<(), EngineError>;
}

/// What goes into a container and comes out of it.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ContainerInside {
    /// Unpacks a tar archive at `directory`, also in a container that never started (its volumes included).
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError>;

    /// The bytes of a regular file in a container, running or not (its volumes included); `None` where there is none, or
    /// something else, or one of more than `limit` bytes.
    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError>;

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

/// Images: found, fetched, built and removed.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ImageStore {
    /// One image by reference or ID; `None` where the engine has none.
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError>;

    /// The images that carry all these labels, those without a name among them.
    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError>;

    /// The digest a registry serves for a reference, asked through the engine with its mirrors and credentials.
    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError>;

    /// Fetches an image from its registry, also where the engine has one of that name; progress goes to `sink`.
    async fn pull(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Builds an image with `BuildKit`; progress goes to `sink`. Dropping the future stops the build.
    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError>;

    /// Loads a `docker save` archive from disk.
    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Removes an image; no error where it is gone.
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError>;
}

/// Named volumes.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait VolumeStore {
    /// The labels of a volume; `None` where the engine has none of that name.
    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError>;

    /// Removes a named volume; no error where it is gone.
    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError>;
}
