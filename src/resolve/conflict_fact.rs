//! The facts of a clash.

use super::axis::Axis;
use super::origin::{Asked, FactOrigin};
use super::target::{NoGpu, TargetGpu};
use crate::manifest::{Arch, Date, FrameworkId, PythonRequest, Toolkit};
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, VersionRequest};

/// One fact of a clash.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictFact {
    /// The subject of the fact.
    pub axis: Axis,
    /// The stated value.
    pub value: FactValue,
    /// The source that states the fact.
    pub origin: FactOrigin,
}

/// The value that a fact states.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// A framework is wanted.
    Framework(FrameworkId),
    /// The requested releases of a framework.
    Release(VersionRequest),
    /// A line of the project's files.
    Line {
        /// The framework that it is about.
        framework: FrameworkId,
        /// The line as it is written.
        text: String,
    },
    /// The last day of publication.
    Published(Date),
    /// The accepted Pythons.
    Python(PythonRequest),
    /// The CUDA of the framework's build.
    Cuda(CudaVersion),
    /// The cuDNN of the framework's build.
    Cudnn(CudnnVersion),
    /// The part of the CUDA toolkit.
    Toolkit(Toolkit),
    /// A distribution's id or an image.
    Base(String),
    /// The CPU architecture.
    Arch(Arch),
    Driver(DriverVersion),
    Gpu(TargetGpu),
    GpuWanted,
    /// The machine has no usable GPU.
    NoGpu(NoGpu),
}

impl ConflictFact {
    /// The fact that `asked` states on an axis.
    pub(super) fn asked<T: Clone>(axis: Axis, asked: &Asked<T>, value: impl FnOnce(T) -> FactValue) -> Self {
        Self { axis, value: value(asked.value.clone()), origin: asked.origin.clone() }
    }
}
