//! The reason why one build does not fit, as a value.

use super::cause::LineAsked;
use super::target::TargetGpu;
use crate::manifest::{Arch, PythonRequest};
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, GlibcVersion};

/// The reason why one build does not fit, with the figure that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Its release was not requested.
    Release,
    /// It does not meet this line.
    Line(LineAsked),
    /// It was published on this day; none: its day is unknown.
    Published(Option<String>),
    /// Its release has no GPU build.
    NoGpuBuild,
    /// Its release has no build for the CPU.
    NoCpuBuild,
    /// It has no wheel for this architecture.
    Arch {
        /// The architecture of the target.
        arch: Arch,
        /// A GPU build is wanted.
        gpu: bool,
    },
    /// It has no wheel for a Python in this request.
    Python(PythonRequest),
    /// It is made for this CUDA; none: for the CPU.
    Cuda(Option<CudaVersion>),
    /// It is made for this cuDNN.
    Cudnn(Option<CudnnVersion>),
    /// Its wheels need at least this C library.
    Glibc(Option<GlibcVersion>),
    /// It has no compiled code for this GPU.
    Code {
        gpu: TargetGpu,
        /// The CUDA that the build is made for.
        cuda: Option<CudaVersion>,
    },
    /// Its cuDNN has no kernels for this GPU.
    Kernels {
        gpu: TargetGpu,
        /// The cuDNN that the build is made for.
        cudnn: Option<CudnnVersion>,
    },
    /// It needs a newer driver.
    Driver {
        /// The lowest sufficient driver.
        floor: Option<DriverVersion>,
        /// The CUDA that the build is made for.
        cuda: Option<CudaVersion>,
    },
    /// The driver cannot run the GPU, so no build works.
    DriverAndGpu,
    /// Its requirements are unknown, so it cannot be compared with the other frameworks.
    Requirements,
    /// It fits alone, but not together with the other frameworks.
    Combination,
    /// No base can install it.
    Base,
    /// The search stopped early.
    Undecided,
}
