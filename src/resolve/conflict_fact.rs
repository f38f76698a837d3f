//! The facts of a clash.

use super::axis::Axis;
use super::origin::{Asked, FactOrigin};
use super::target::{NoGpu, TargetGpu};
use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

/// One fact of a clash.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictFact {
    /// What it is about.
    pub axis: Axis,
    /// What is stated.
    pub value: FactValue,
    /// Who states it.
    pub origin: FactOrigin,
}

/// What a fact states.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// That a framework is wanted.
    Framework(FrameworkId),
    /// Which releases of it.
    Release(VersionRequest),
    /// The Python.
    Python(PythonVersion),
    /// The CUDA of the framework's build.
    Cuda(CudaVersion),
    /// Its cuDNN.
    Cudnn(CudnnVersion),
    /// The part of the CUDA toolkit.
    Toolkit(Toolkit),
    /// A distribution's id or an image.
    Base(String),
    /// The CPU architecture.
    Arch(Arch),
    /// The driver.
    Driver(DriverVersion),
    /// A GPU.
    Gpu(TargetGpu),
    /// That a GPU is wanted.
    GpuWanted,
    /// That the machine has none to use.
    NoGpu(NoGpu),
}

impl ConflictFact {
    /// What `asked` states on an axis.
    pub(super) fn asked<T: Clone>(axis: Axis, asked: &Asked<T>, value: impl FnOnce(T) -> FactValue) -> Self {
        Self { axis, value: value(asked.value.clone()), origin: asked.origin.clone() }
    }
}
