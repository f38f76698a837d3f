//! The operations of an engine, grouped in roles as traits.
//!
//! Code that works in one role can ask for that role alone. The steps of an `up` share one `Work`, which carries all
//! of them.

use std::collections::BTreeMap;
use std::path::Path;

use super::output_buffer::OutputBuffer;
use super::{
    ContainerId, ContainerSpec, ContainerState, EngineError, EngineInfo, ExecIo, ExecOutput, ExecSpec, ImageBuild,
    ImageId, ImageState, ListedContainer, ListedImage, LogsIo, LogsSpec, Process,
};
use crate::event::Sink;

/// A container engine with all its roles. All calls of one process run on one thread.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Engine: ContainerLife + ContainerInside + ImageStore + VolumeStore {
    /// Returns the engine's kind, version and features. It costs the engine about 20 ms, so an `up` without changes
    /// never calls it.
    async fn describe(&self) -> Result<EngineInfo, EngineError>;

    /// Returns the engine's address: `unix:///var/run/docker.sock`. Sends nothing.
    fn endpoint(&self) -> &str;

    /// Creates the network of this name if it is missing. Its containers do not reach each other; a network that lets
    /// them is [`EngineError::NetworkOpen`].
    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError>;
}

/// Operations on whole containers.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ContainerLife {
    /// Lists the containers, running or not, that have all these labels (`None` matches any value).
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedContainer>, EngineError>;

    /// Returns a container by name or ID; `None` if it does not exist.
    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError>;

    /// Creates a container without starting it. Volumes that are created with it get its labels.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError>;

    /// Renames a container, running or not.
    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError>;

    /// Starts a container; no error if it runs already.
    async fn start(&self, container: &str) -> Result<(), EngineError>;

    /// Stops a container and kills it after `grace` seconds; no error if it is stopped already.
    async fn stop(&self, container: &str, grace: u32) -> Result<(), EngineError>;

    /// Removes a container, running or not; no error if it does not exist.
    async fn remove(&self, container: &str) -> Result<(), EngineError>;
}

/// Operations on the files, commands and logs in a container.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ContainerInside {
    /// Unpacks a tar archive at `directory`, also in a container that never started and in its volumes.
    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError>;

    /// Returns the bytes of a regular file in a container, running or not, and in its volumes. The result is `None`
    /// for a missing file, another kind of file, or a file of more than `limit` bytes.
    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError>;

    /// Runs a command in a running container, connected to `io`, and returns its exit code. A command that could not
    /// be started is [`EngineError::CommandNotRun`], never a code.
    async fn exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError>;

    /// Runs a command in a running container without input and collects its output, up to a limit.
    async fn exec_output(&self, container: &str, exec: &ExecSpec) -> Result<ExecOutput, EngineError> {
        let (stdout, stderr) = (OutputBuffer::default(), OutputBuffer::default());
        let io =
            ExecIo { stdin: None, stdout: Box::new(stdout.clone()), stderr: Box::new(stderr.clone()), resizes: None };
        let code = self.exec(container, exec, io).await?;
        Ok(ExecOutput { code, stdout: stdout.take(), stderr: stderr.take() })
    }

    /// Writes the container's log to `io` until the log ends; with `follow` it never ends.
    async fn logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError>;

    /// Lists the processes of a container, as the host sees them.
    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError>;
}

/// Operations on images.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ImageStore {
    /// Returns an image by reference or ID; `None` if the engine does not have it.
    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError>;

    /// Lists the images that have all these labels, also images without a name.
    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError>;

    /// Returns the digest that a registry has for a reference. The engine asks, with its mirrors and credentials.
    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError>;

    /// Pulls an image from its registry, even if the engine has one of this name. Progress goes to `sink`.
    async fn pull(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Builds an image with `BuildKit`; progress goes to `sink`. Dropping the future stops the build.
    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError>;

    /// Loads a `docker save` archive from the disk.
    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError>;

    /// Removes an image; no error if it does not exist.
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError>;
}

/// Operations on named volumes.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait VolumeStore {
    /// Returns the labels of a volume; `None` if it does not exist.
    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError>;

    /// Removes a named volume; no error if it does not exist.
    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError>;
}
