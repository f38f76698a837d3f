//! The axes on which a request can state a fact, and sets of them.

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

/// The axes on which something is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AxisSet(Vec<Axis>);

impl AxisSet {
    /// Every axis on which `request` states something, in the order in which a person would name them.
    pub(super) fn of(request: &super::request::Request) -> Self {
        use super::request::{Base, TargetDriver};
        let mut axes = Vec::new();
        for index in 0..request.frameworks.len() {
            axes.extend([Axis::Framework(index), Axis::Release(index)]);
        }
        let stated = [
            (request.python.is_some(), Axis::Python),
            (request.cuda.is_some(), Axis::Cuda),
            (request.cudnn.is_some(), Axis::Cudnn),
            (request.toolkit.is_some(), Axis::Toolkit),
            (!matches!(request.base, Base::Open), Axis::Base),
            (request.target.arch.is_some(), Axis::Arch),
            (matches!(request.target.driver, TargetDriver::Version(_)), Axis::Driver),
        ];
        axes.extend(stated.into_iter().filter(|(there, _)| *there).map(|(_, axis)| axis));
        axes.extend((0..request.target.gpus.len()).map(Axis::Gpu));
        Self(axes)
    }

    /// These.
    pub(super) fn from(axes: impl IntoIterator<Item = Axis>) -> Self {
        Self(axes.into_iter().collect())
    }

    pub(super) fn has(&self, axis: Axis) -> bool {
        self.0.contains(&axis)
    }

    /// Without `axis`. Without a framework, nothing is asked of its version.
    pub(super) fn without(&self, axis: Axis) -> Self {
        let gone = |kept: &Axis| match (axis, *kept) {
            (Axis::Framework(a), Axis::Release(b)) if a == b => true,
            (_, kept) => kept == axis,
        };
        Self(self.0.iter().copied().filter(|kept| !gone(kept)).collect())
    }

    pub(super) fn without_all(&self, axes: impl IntoIterator<Item = Axis>) -> Self {
        let gone = axes.into_iter().collect::<std::collections::BTreeSet<_>>();
        let stays = |axis: &Axis| match axis {
            Axis::Release(index) => !gone.contains(axis) && !gone.contains(&Axis::Framework(*index)),
            _ => !gone.contains(axis),
        };
        Self(self.iter().filter(stays).collect())
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Axis> {
        self.0.iter().copied()
    }
}
