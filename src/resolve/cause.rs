//! The cause of a clash, as values: both sides and the figure that decides.

use super::conflict_fact::FactValue;
use super::origin::FactOrigin;
use super::solution::CudaNeed;
use super::target::{NoGpu, TargetGpu};
use crate::manifest::{Arch, Date, FrameworkId, PythonRequest};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
    VersionRequest,
};

/// The cause of a clash between facts.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A GPU is wanted, and the machine has no usable one.
    NoGpu(NoGpu),
    /// The driver no longer runs the GPU.
    DriverTooNew {
        gpu: TargetGpu,
        /// The last driver branch that runs it.
        last: u32,
    },
    /// The driver does not run the GPU yet.
    DriverTooOld {
        gpu: TargetGpu,
        /// The first driver that runs it.
        first: DriverVersion,
    },
    /// The matrix does not know the requested CUDA version.
    UnknownCuda {
        /// The requested version.
        asked: Option<CudaVersion>,
        /// The newest known version.
        newest: Option<CudaVersion>,
    },
    /// The matrix does not know any requested release.
    UnknownRelease {
        framework: FrameworkId,
        /// The requested releases.
        asked: VersionRequest,
        /// The newest known release.
        newest: Option<ReleaseVersion>,
    },
    /// Every build of one framework lacks something.
    Builds {
        of: BuildsAsked,
        /// The property that they lack.
        lack: BuildsLack,
    },
    /// CUDA without a framework lacks something.
    Cuda {
        /// The CUDA; none: every CUDA.
        cuda: Option<CudaVersion>,
        /// The requested cuDNN.
        cudnn: Option<CudnnVersion>,
        /// The property that it lacks.
        lack: CudaLack,
    },
    /// Each framework has builds that fit alone, but no Python has wheels of all. The value holds the Pythons of each
    /// framework.
    NoCommonPython(Vec<(FrameworkAsked, Vec<PythonVersion>)>),
    /// Each framework has builds that fit alone, but they need different versions of shared packages.
    Packages {
        frameworks: Vec<FrameworkAsked>,
        /// An example: the need of each framework for the first package on which they differ.
        needs: Vec<PackageNeed>,
    },
    /// No Python has wheels of every framework for the builds that go together. Without a framework: the requests for
    /// a Python have none in common.
    NoPython(Vec<FrameworkAsked>),
    /// The matrix does not know the base.
    UnknownBase {
        /// The requested base; none: any Ubuntu LTS.
        base: Option<String>,
        /// Known bases with a similar name.
        near: Vec<String>,
    },
    /// No image provides the needed CUDA.
    NoImage {
        /// The needed CUDA.
        need: CudaNeed,
        /// The requested base; none: any Ubuntu LTS.
        base: Option<String>,
        /// The only framework that needs it, with the CUDAs of its builds.
        framework: Option<(FrameworkAsked, Vec<CudaVersion>)>,
        /// The manifest asks for a CUDA.
        cuda_asked: bool,
    },
    /// The base has no image for the architecture.
    BaseWithoutArch {
        /// The requested base; none: any Ubuntu LTS.
        base: Option<String>,
        /// The architecture of the target.
        arch: Arch,
    },
    /// The wheels need a newer C library than the base has.
    GlibcTooOld {
        frameworks: Vec<FrameworkAsked>,
        /// The requested base; none: any Ubuntu LTS.
        base: Option<String>,
    },
    /// The search stopped after the allowed number of steps.
    Undecided {
        /// The number of steps.
        steps: u64,
        /// The question without an answer.
        question: OpenQuestion,
    },
}

/// A framework in a clash, with its releases.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkAsked {
    pub id: FrameworkId,
    /// The releases in the clash; none: any release.
    pub releases: Option<VersionRequest>,
}

/// A line of the project's files in a clash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAsked {
    /// The line as it is written.
    pub text: String,
    /// The file and the number of the line.
    pub origin: FactOrigin,
}

/// The builds of one framework in a clash.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildsAsked {
    pub framework: FrameworkId,
    /// The releases in the manifest.
    pub asked: VersionRequest,
    /// The clash holds for every release, not only for those in `asked`.
    pub any: bool,
    /// Only the builds that meet these facts count.
    pub met: Vec<FactValue>,
}

/// The property that all builds of a framework lack.
#[derive(Clone, Debug, PartialEq)]
pub enum BuildsLack {
    /// A requested release.
    Release,
    /// What these lines ask for.
    Line {
        lines: Vec<LineAsked>,
        /// The newest release that the lines allow, with its builds. None: they allow no release.
        builds: Option<(ReleaseVersion, Vec<String>)>,
    },
    /// A day of publication that is early enough.
    Published {
        /// The last day of publication.
        last: Date,
        /// The first day of publication of the builds; none: unknown.
        first: Option<String>,
    },
    GpuBuild {
        /// The newest release that has one.
        newest: Option<ReleaseVersion>,
    },
    CpuBuild {
        /// The newest release that has one.
        newest: Option<ReleaseVersion>,
    },
    /// Wheels for this architecture.
    Arch {
        /// The architecture of the target.
        arch: Arch,
        /// A GPU build is wanted.
        gpu: bool,
        /// The architectures of their wheels.
        known: Vec<Arch>,
    },
    /// Wheels for this Python.
    Python {
        /// The requested Pythons.
        python: PythonRequest,
        /// The Pythons of their wheels.
        known: Vec<PythonVersion>,
    },
    /// A build for this CUDA.
    Cuda {
        /// The requested CUDA.
        cuda: CudaVersion,
        known: Vec<CudaVersion>,
    },
    /// A build for this cuDNN.
    Cudnn {
        /// The requested cuDNN.
        cudnn: CudnnVersion,
        /// The cuDNNs of the builds.
        known: Vec<CudnnVersion>,
    },
    /// Wheels for a C library as old as that of the base.
    Glibc {
        /// The oldest C library that they support.
        needed: Option<GlibcVersion>,
        /// The requested base, and its C library.
        base: Option<(String, GlibcVersion)>,
    },
    /// Compiled code for these GPUs, in one build.
    Code {
        gpus: Vec<TargetGpu>,
        /// The capabilities of their compiled code.
        compiled: Vec<ComputeCapability>,
        /// Some builds have the code, but need this driver.
        driver: Option<DriverVersion>,
    },
    /// A cuDNN with kernels for this GPU.
    Kernels(TargetGpu),
    /// Known requirements, which a comparison with other frameworks needs.
    Requirements,
    /// Support for a driver as old as that of the target.
    Driver {
        /// The lowest sufficient driver; none: no other driver alone is enough.
        floor: Option<DriverVersion>,
        /// The GPU without code in the builds that an older driver runs.
        gpu: Option<TargetGpu>,
    },
}

/// The property that CUDA without a framework lacks.
#[derive(Clone, Debug, PartialEq)]
pub enum CudaLack {
    /// Support for a driver as old as that of the target. The value is the lowest sufficient driver.
    Driver(Option<DriverVersion>),
    /// A compiler for this GPU.
    Code(TargetGpu),
    /// A release for this architecture.
    Arch {
        /// The architecture of the target.
        arch: Arch,
        /// The last release for it.
        last: Option<CudaVersion>,
    },
    /// Kernels for this GPU in its cuDNN.
    Kernels(TargetGpu),
    /// The requested cuDNN.
    Cudnn {
        /// The newest known version.
        newest: Option<CudnnVersion>,
    },
}

/// The need of one framework for a shared package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageNeed {
    pub framework: FrameworkId,
    pub version: ReleaseVersion,
    /// The requirement: `nvidia-cudnn-cu12==9.1.0.70`.
    pub requirement: String,
}

/// The open question after a search that stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenQuestion {
    /// It is unknown whether anything fits.
    WhetherItFits,
    /// Nothing fits, but the clashing facts are unknown.
    WhichFactsClash,
}
