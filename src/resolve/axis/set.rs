//! Sets of axes.

use super::Axis;

/// The axes on which a request states facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::resolve) struct AxisSet(Vec<Axis>);

impl AxisSet {
    /// A set of these axes.
    pub(in crate::resolve) fn from(axes: impl IntoIterator<Item = Axis>) -> Self {
        Self(axes.into_iter().collect())
    }

    pub(in crate::resolve) fn has(&self, axis: Axis) -> bool {
        self.0.contains(&axis)
    }

    /// The set without `axis`. Without a framework, its release is not a fact either.
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

    /// The set without any GPU.
    pub(in crate::resolve) fn without_gpus(&self) -> Self {
        Self(self.iter().filter(|axis| !axis.is_gpu()).collect())
    }

    /// The axes that a user would change: the machine's facts and the manifest's pins. If the set has none of them, the
    /// releases of the frameworks, else the last framework.
    pub(in crate::resolve) fn changeable(&self) -> Vec<Axis> {
        let is_pin = |axis: &Axis| !matches!(axis, Axis::Framework(_) | Axis::Release(_));
        let mut changeable = self.iter().filter(is_pin).collect::<Vec<_>>();
        if changeable.is_empty() {
            changeable = self.iter().filter(|axis| matches!(axis, Axis::Release(_))).collect();
        }
        if changeable.is_empty() {
            changeable = self.iter().last().into_iter().collect();
        }
        changeable
    }
}
