//! Sets of axes.

use super::Axis;
use crate::resolve::request::Request;

/// The axes on which something is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::resolve) struct AxisSet(Vec<Axis>);

impl AxisSet {
    /// Every axis on which `request` states something, in the order in which a person would name them.
    pub(in crate::resolve) fn of(request: &Request) -> Self {
        const PLAIN: [Axis; 7] =
            [Axis::Python, Axis::Cuda, Axis::Cudnn, Axis::Toolkit, Axis::Base, Axis::Arch, Axis::Driver];
        let frameworks = 0..request.frameworks.len();
        let mut axes = frameworks.flat_map(|index| [Axis::Framework(index), Axis::Release(index)]).collect::<Vec<_>>();
        axes.extend(PLAIN.into_iter().filter(|axis| axis.fact(request).is_some()));
        axes.extend((0..request.target.gpus.len()).map(Axis::Gpu));
        Self(axes)
    }

    /// These.
    pub(in crate::resolve) fn from(axes: impl IntoIterator<Item = Axis>) -> Self {
        Self(axes.into_iter().collect())
    }

    pub(in crate::resolve) fn has(&self, axis: Axis) -> bool {
        self.0.contains(&axis)
    }

    /// Without `axis`. Without a framework, nothing is asked of its version.
    pub(in crate::resolve) fn without(&self, axis: Axis) -> Self {
        let gone = |kept: &Axis| match (axis, *kept) {
            (Axis::Framework(a), Axis::Release(b)) if a == b => true,
            (_, kept) => kept == axis,
        };
        Self(self.0.iter().copied().filter(|kept| !gone(kept)).collect())
    }

    pub(in crate::resolve) fn without_all(&self, axes: impl IntoIterator<Item = Axis>) -> Self {
        let gone = axes.into_iter().collect::<std::collections::BTreeSet<_>>();
        let stays = |axis: &Axis| match axis {
            Axis::Release(index) => !gone.contains(axis) && !gone.contains(&Axis::Framework(*index)),
            _ => !gone.contains(axis),
        };
        Self(self.iter().filter(stays).collect())
    }

    pub(in crate::resolve) fn iter(&self) -> impl DoubleEndedIterator<Item = Axis> {
        self.0.iter().copied()
    }
}
