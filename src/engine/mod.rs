//! The interface to a container engine, in envctl's own types. Only the files under `docker` name `bollard`; `fake`
//! is a second implementation that passes the same contract tests.
//!
//! Refusals of an engine are grouped by the action that the user can take ([`EngineError`]); the engine's message is
//! kept unchanged. This room does not decide what to run: `reconcile` does.

mod address_origin;
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
mod seam;

use serde::Serialize;

pub use address_origin::AddressOrigin;
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
pub use seam::{ContainerInside, ContainerLife, Engine, ImageStore, VolumeStore};

/// The engine's description of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// `docker` or `podman`.
    pub kind: String,
    /// `20.10.24`
    pub version: String,
    /// The engine's address: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// `x86_64`
    pub architecture: String,
    /// The directory that stores images.
    pub root_directory: String,
    /// The registered OCI runtimes (`runc`, `nvidia`).
    pub runtimes: Vec<String>,
    /// The known CDI devices and specification directories, if the engine reports them.
    pub cdi: Vec<String>,
    /// The security options: rootless, user namespaces and others.
    pub security_options: Vec<String>,
}
