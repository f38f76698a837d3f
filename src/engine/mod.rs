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
mod error;
mod exec;
pub mod fake;
mod gpu;
mod gpu_route;
mod image;
mod info;
mod output_buffer;
mod seam;

pub use address_origin::AddressOrigin;
pub use build_failure::{BuildCause, BuildFailure, dockerfile_line};
pub use container::{
    ContainerId, ContainerSpec, ContainerState, ContainerStatus, DeviceSpec, HostPath, ListedContainer, MountKind,
    MountSpec, Process, PublishedPort, UlimitSpec,
};
pub use endpoint::{Address, EngineAddress};
pub use error::EngineError;
pub use exec::{ExecIo, ExecOutput, ExecSpec, LogsIo, LogsSpec};
pub use gpu::{GpuRoute, GpuSelection, GpuSpec};
pub use gpu_route::gpu_route;
pub use image::{ImageBuild, ImageId, ImageState, LOCAL_IMAGES, ListedImage};
pub use info::EngineInfo;
pub use seam::{ContainerInside, ContainerLife, Engine, ImageStore, VolumeStore};
