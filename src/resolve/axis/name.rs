//! The names of the axes, and of the obstacles that prevent a build from fitting.

/// One axis: what a request can say something about, and what can be taken away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// That this framework is wanted at all, by its place among those of the request.
    Framework(usize),
    /// Which releases of that framework.
    Release(usize),
    /// The Python.
    Python,
    /// The CUDA that the framework's build is made for.
    Cuda,
    /// The cuDNN that the framework's build is made for.
    Cudnn,
    /// What of the CUDA toolkit the container needs.
    Toolkit,
    /// The base image's distribution, or the user's own image.
    Base,
    /// The CPU architecture.
    Arch,
    /// The NVIDIA driver.
    Driver,
    /// This GPU, by its place among those of the request.
    Gpu(usize),
    /// Whether a GPU is wanted, and whether the machine has one. It is never part of a set: nothing resolves without it.
    Devices,
}

impl Axis {
    /// Whether it is a GPU of the target.
    pub(in crate::resolve) fn is_gpu(self) -> bool {
        matches!(self, Self::Gpu(_))
    }
}

/// What keeps a build from fitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::resolve) enum Obstacle {
    /// It does not meet what is stated on this axis.
    On(Axis),
    /// No cuDNN that goes with it has kernels for this GPU.
    Kernels(usize),
}

impl Obstacle {
    /// The place of the GPU that a build has no code for, where that is what is in the way.
    pub(in crate::resolve) fn gpu_without_code(self) -> Option<usize> {
        if let Self::On(Axis::Gpu(index)) = self { Some(index) } else { None }
    }
}
