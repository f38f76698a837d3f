//! The names of the axes, and of the obstacles that prevent a build from fitting.

/// One axis: a subject on which a request can state a fact, and leave it out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// The framework at this place of the request is wanted.
    Framework(usize),
    /// The requested releases of that framework.
    Release(usize),
    /// The line at this place of the request: what a file of the project asks of a framework.
    Line(usize),
    /// The last day of publication.
    Published,
    /// The Python version.
    Python,
    /// The Pythons that the project's own `pyproject.toml` accepts.
    RequiresPython,
    /// The CUDA of the framework's build.
    Cuda,
    /// The cuDNN of the framework's build.
    Cudnn,
    /// The part of the CUDA toolkit that the container needs.
    Toolkit,
    /// The distribution of the base image, or the user's own image.
    Base,
    /// The CPU architecture.
    Arch,
    /// The NVIDIA driver.
    Driver,
    /// The GPU at this place of the request.
    Gpu(usize),
    /// Whether a GPU is wanted, and whether the machine has one. No set contains this axis: without it nothing
    /// resolves.
    Devices,
}

impl Axis {
    /// Whether the axis is a GPU of the target.
    pub(in crate::resolve) fn is_gpu(self) -> bool {
        matches!(self, Self::Gpu(_))
    }
}

/// The reason why a build does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::resolve) enum Obstacle {
    /// The build does not meet the fact on this axis.
    On(Axis),
    /// No cuDNN that the build allows has kernels for this GPU.
    Kernels(usize),
    /// The build is for a GPU, and none is wanted.
    NotForCpu,
    /// The requirements of the build are unknown, so it cannot be compared with another framework.
    Unknown,
}

impl Obstacle {
    /// The place of the GPU for which a build has no code; none for any other obstacle.
    pub(in crate::resolve) fn gpu_without_code(self) -> Option<usize> {
        if let Self::On(Axis::Gpu(index)) = self { Some(index) } else { None }
    }
}
