//! The data from which the figures of a clash are read.

use super::axis::Obstacle;
use super::candidate::Candidate;
use super::problem::{Problem, Wanted};
use super::request::Request;
use super::target::TargetGpu;
use crate::version::DriverVersion;

/// What a minimal clash is looked at with.
pub(super) struct Figures<'s, 'a> {
    pub(super) request: &'s Request,
    pub(super) problem: &'s Problem<'a>,
    /// Finds the least driver with which the facts of the clash resolve, which takes a search.
    pub(super) least_driver: &'s dyn Fn() -> Option<DriverVersion>,
}

impl Figures<'_, '_> {
    /// The GPU at a place.
    pub(super) fn gpu(&self, index: usize) -> TargetGpu {
        self.request.target.gpus[index].value.clone()
    }
}

/// The builds of one framework, none of which fits: those that came furthest.
pub(super) struct Refused<'s, 'a> {
    pub(super) figures: &'s Figures<'s, 'a>,
    pub(super) wanted: &'s Wanted<'a>,
    pub(super) builds: &'s [(Candidate<'a>, Obstacle)],
}

impl<'a> Refused<'_, 'a> {
    pub(super) fn candidates(&self) -> impl Iterator<Item = &Candidate<'a>> {
        self.builds.iter().map(|(candidate, _)| candidate)
    }

    /// Those of the releases that the manifest asks for, where there are any; else all.
    pub(super) fn asked_for(&self) -> impl Iterator<Item = &Candidate<'a>> {
        let is_asked = |one: &Candidate<'_>| self.wanted.wish.version.value.accepts(&one.release.version);
        let any = self.candidates().any(is_asked);
        self.candidates().filter(move |one| !any || is_asked(one))
    }

    /// Whether this is in the way of some of them.
    pub(super) fn has(&self, obstacle: Obstacle) -> bool {
        self.builds.iter().any(|(_, other)| *other == obstacle)
    }

    /// The places of the GPUs that some of them have no code for.
    pub(super) fn gpus_without_code(&self) -> impl Iterator<Item = usize> {
        self.builds.iter().filter_map(|(_, obstacle)| obstacle.gpu_without_code())
    }
}

/// Each item once, in order.
pub(super) fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
