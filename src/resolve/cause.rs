//! The cause of a clash, as values: both sides and the figure that decides.

use super::conflict_fact::FactValue;
use super::solution::CudaNeed;
use super::target::{NoGpu, TargetGpu};
use crate::manifest::{Arch, FrameworkId};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
    VersionRequest,
};

/// What is between the facts of a clash.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A GPU is wanted, and the machine has none to use.
    NoGpu(NoGpu),
    /// The driver does not run the GPU any more.
    DriverTooNew {
        /// The GPU.
        gpu: TargetGpu,
        /// The last driver branch that runs it.
        last: u32,
    },
    /// The driver does not run the GPU yet.
    DriverTooOld {
        /// The GPU.
        gpu: TargetGpu,
        /// The first driver that runs it.
        first: DriverVersion,
    },
    /// No CUDA is known by the version that was asked for.
    UnknownCuda {
        /// The version.
        asked: Option<CudaVersion>,
        /// The newest that is known.
        newest: Option<CudaVersion>,
    },
    /// No release is known that was asked for.
    UnknownRelease {
        /// The framework.
        framework: FrameworkId,
        /// The releases that were asked for.
        asked: VersionRequest,
        /// The newest that is known.
        newest: Option<ReleaseVersion>,
    },
    /// Every build of one framework lacks something.
    Builds {
        /// The builds.
        of: BuildsAsked,
        /// What they lack.
        lack: BuildsLack,
    },
    /// CUDA without a framework lacks something.
    Cuda {
        /// The CUDA; none: every one.
        cuda: Option<CudaVersion>,
        /// The cuDNN that was asked for.
        cudnn: Option<CudnnVersion>,
        /// What it lacks.
        lack: CudaLack,
    },
    /// Each framework has builds that fit by themselves, and no Python has wheels of all: the Pythons of each.
    NoCommonPython(Vec<(FrameworkAsked, Vec<PythonVersion>)>),
    /// Likewise, and they ask for different versions of shared packages.
    Packages {
        /// The frameworks.
        frameworks: Vec<FrameworkAsked>,
        /// An example: what each needs of the first package on which they differ.
        needs: Vec<PackageNeed>,
    },
    /// No Python has wheels of every framework in the builds that go together.
    NoPython(Vec<FrameworkAsked>),
    /// The base is not known.
    UnknownBase {
        /// The base that was asked for; none: any Ubuntu LTS.
        base: Option<String>,
        /// Similar ones.
        near: Vec<String>,
    },
    /// No image brings the CUDA that is needed.
    NoImage {
        /// That CUDA.
        need: CudaNeed,
        /// The base that was asked for; none: any Ubuntu LTS.
        base: Option<String>,
        /// The one framework that needs it, with the CUDAs that its builds are made for.
        framework: Option<(FrameworkAsked, Vec<CudaVersion>)>,
        /// The manifest asks for a CUDA.
        cuda_asked: bool,
    },
    /// The base has no image for the architecture.
    BaseWithoutArch {
        /// The base that was asked for; none: any Ubuntu LTS.
        base: Option<String>,
        /// The architecture of the target.
        arch: Arch,
    },
    /// The wheels need a newer C library than the base has.
    GlibcTooOld {
        /// The frameworks.
        frameworks: Vec<FrameworkAsked>,
        /// The base that was asked for; none: any Ubuntu LTS.
        base: Option<String>,
    },
    /// The search was given up after so many steps.
    Undecided {
        /// The steps.
        steps: u64,
        /// What is not decided.
        question: OpenQuestion,
    },
}

/// A framework as a clash is about it.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkAsked {
    /// The framework.
    pub id: FrameworkId,
    /// The releases that the clash is about; none: any release.
    pub releases: Option<VersionRequest>,
}

/// The builds of one framework that a clash is about.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildsAsked {
    /// The framework.
    pub framework: FrameworkId,
    /// The releases that the manifest asks for.
    pub asked: VersionRequest,
    /// The clash is about every release, not only about those.
    pub any: bool,
    /// Those alone that meet these facts.
    pub met: Vec<FactValue>,
}

/// What every build of a framework lacks.
#[derive(Clone, Debug, PartialEq)]
pub enum BuildsLack {
    /// A release that is asked for.
    Release,
    /// A GPU build.
    GpuBuild {
        /// The newest release that has one.
        newest: Option<ReleaseVersion>,
    },
    /// Wheels for this architecture.
    Arch {
        /// The architecture of the target.
        arch: Arch,
        /// A GPU build is wanted.
        gpu: bool,
        /// The architectures that they have wheels for.
        known: Vec<Arch>,
    },
    /// Wheels for this Python.
    Python {
        /// The Python that was asked for.
        python: PythonVersion,
        /// The Pythons that they have wheels for.
        known: Vec<PythonVersion>,
    },
    /// A build for this CUDA.
    Cuda {
        /// The CUDA that was asked for.
        cuda: CudaVersion,
        /// The CUDAs that they are made for.
        known: Vec<CudaVersion>,
    },
    /// A build for this cuDNN.
    Cudnn {
        /// The cuDNN that was asked for.
        cudnn: CudnnVersion,
        /// The cuDNNs that they are made for.
        known: Vec<CudnnVersion>,
    },
    /// A C library that is old enough.
    Glibc {
        /// The oldest that they need.
        needed: Option<GlibcVersion>,
        /// The base that was asked for, and its C library.
        base: Option<(String, GlibcVersion)>,
    },
    /// Compiled code for these GPUs, in one build.
    Code {
        /// The GPUs.
        gpus: Vec<TargetGpu>,
        /// The capabilities that they have code for.
        compiled: Vec<ComputeCapability>,
        /// Some builds have the code, and need this driver.
        driver: Option<DriverVersion>,
    },
    /// A cuDNN with kernels for this GPU.
    Kernels(TargetGpu),
    /// A driver that is old enough.
    Driver {
        /// The least driver that would do; none: no other driver alone would.
        floor: Option<DriverVersion>,
        /// The GPU for which the builds with an older driver have no code.
        gpu: Option<TargetGpu>,
    },
}

/// What CUDA without a framework lacks.
#[derive(Clone, Debug, PartialEq)]
pub enum CudaLack {
    /// A driver that is old enough: it needs this one.
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
    /// The cuDNN that was asked for.
    Cudnn {
        /// The newest that is known.
        newest: Option<CudnnVersion>,
    },
}

/// What one framework needs of a shared package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageNeed {
    /// The framework.
    pub framework: FrameworkId,
    /// Its release.
    pub version: ReleaseVersion,
    /// The requirement: `nvidia-cudnn-cu12==9.1.0.70`.
    pub requirement: String,
}

/// What a search that was given up leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenQuestion {
    /// Whether anything fits.
    WhetherItFits,
    /// Nothing fits, and which of the facts clash is not known.
    WhichFactsClash,
}
