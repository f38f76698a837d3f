//! The data from which the figures of a clash are read.

use super::axis::Obstacle;
use super::candidate::Candidate;
use super::problem::{Problem, Wanted};
use super::request::Request;
use super::target::TargetGpu;
use crate::matrix::rows::ReleaseRow;
use crate::version::{DriverVersion, ReleaseVersion};

/// The data for the examination of a minimal clash.
pub(super) struct Figures<'s, 'a> {
    pub(super) request: &'s Request,
    pub(super) problem: &'s Problem<'a>,
    /// Finds the lowest driver with which the facts of the clash resolve. Each call is a search.
    pub(super) least_driver: &'s dyn Fn() -> Option<DriverVersion>,
}

impl Figures<'_, '_> {
    /// The GPU at this place of the request.
    pub(super) fn gpu(&self, index: usize) -> TargetGpu {
        self.request.target.gpus[index].value.clone()
    }
}

/// The refused builds of one framework: of all builds, those that passed the most checks.
pub(super) struct Refused<'s, 'a> {
    pub(super) figures: &'s Figures<'s, 'a>,
    pub(super) wanted: &'s Wanted<'a>,
    pub(super) builds: &'s [(Candidate<'a>, Obstacle)],
}

impl<'a> Refused<'_, 'a> {
    pub(super) fn candidates(&self) -> impl Iterator<Item = &Candidate<'a>> {
        self.builds.iter().map(|(candidate, _)| candidate)
    }

    /// The builds of the releases in the manifest; all builds if none of them has one.
    pub(super) fn asked_for(&self) -> impl Iterator<Item = &Candidate<'a>> {
        let is_asked = |one: &Candidate<'_>| self.wanted.wish.version.value.accepts(&one.release.version);
        let any = self.candidates().any(is_asked);
        self.candidates().filter(move |one| !any || is_asked(one))
    }

    /// The newest release with a build for the CPU.
    pub(super) fn newest_for_cpu(&self) -> Option<ReleaseVersion> {
        let for_cpu =
            |row: &&ReleaseRow| !row.version.is_prerelease() && row.builds.iter().any(|build| build.cuda.is_none());
        self.wanted.file.releases.iter().rev().find(for_cpu).map(|row| row.version.clone())
    }

    /// Whether some of the builds have this obstacle.
    pub(super) fn has(&self, obstacle: Obstacle) -> bool {
        self.builds.iter().any(|(_, other)| *other == obstacle)
    }

    /// The places of the GPUs for which some of the builds have no code.
    pub(super) fn gpus_without_code(&self) -> impl Iterator<Item = usize> {
        self.builds.iter().filter_map(|(_, obstacle)| obstacle.gpu_without_code())
    }
}

/// Each item once, in order.
pub(super) fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
