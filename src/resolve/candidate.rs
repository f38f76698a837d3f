//! A candidate of the search: one build of one release.

use std::cmp::Reverse;

use super::demands;
use super::framework_line::FrameworkLine;
use super::lookup::cuda_serves;
use super::problem::{Card, Problem, Wanted};
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, ReleaseRow, WheelRow};
use crate::version::{GlibcVersion, PythonVersion};

/// One build of one release.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The place of the framework among the request's frameworks.
    pub(super) framework: usize,
    /// The place of the release in the framework's file.
    pub(super) place: usize,
    pub(super) release: &'a ReleaseRow,
    pub(super) build: &'a BuildRow,
}

impl<'a> Candidate<'a> {
    /// The wheels of the build for the problem's architecture.
    pub(super) fn wheels(&self, problem: &Problem<'_>) -> impl Iterator<Item = &'a WheelRow> + use<'a> {
        let arch = problem.arch;
        self.build.wheels.iter().filter(move |wheel| wheel.arch == arch)
    }

    /// Whether the build has a wheel for `python` that loads on `glibc`.
    pub(super) fn installs(&self, problem: &Problem<'_>, python: &PythonVersion, glibc: Option<&GlibcVersion>) -> bool {
        let loads = |wheel: &WheelRow| glibc.is_none_or(|glibc| wheel.glibc <= *glibc);
        self.wheels(problem).any(|wheel| loads(wheel) && wheel.python.contains(python))
            && !self.is_refused_for(problem, python)
    }

    /// Whether a line that counts for this Python refuses the build, or no line that asks for the framework counts for
    /// it. Lines that count for every Python are not looked at.
    pub(super) fn is_refused_for(&self, problem: &Problem<'_>, python: &PythonVersion) -> bool {
        let lines = || problem.lines_about(self.framework).map(|(_, line)| line);
        let mut asking = lines().filter(|line| line.asks_for_framework()).peekable();
        let is_unasked = asking.peek().is_some() && asking.all(|line| !line.counts_for(python));
        let gpu = problem.wants_gpu_of(self.framework);
        let refuses = |line: &FrameworkLine| {
            line.pythons.is_some() && line.counts_for(python) && !line.admits(self.release, self.build, gpu)
        };
        is_unasked || lines().any(refuses)
    }

    /// The Pythons of the wheels for which lines refuse the build. Empty if no line has a marker.
    pub(super) fn refused_pythons(&self, problem: &Problem<'_>) -> Vec<PythonVersion> {
        if !problem.lines_about(self.framework).any(|(_, line)| line.pythons.is_some()) {
            return Vec::new();
        }
        let pythons = self.wheels(problem).flat_map(|wheel| &wheel.python);
        pythons.filter(|python| self.is_refused_for(problem, python)).cloned().collect()
    }

    /// The reason why no source provides the build any longer; none if one does.
    pub(super) fn unbuildable(&self) -> Option<&'a str> {
        self.build.unbuildable.as_deref().or(self.release.unbuildable.as_deref())
    }

    /// The day from which all wheels of the build were published; none if it is unknown.
    pub(super) fn published(&self) -> Option<&'a str> {
        self.build.uploaded.as_deref().or(self.release.released.as_deref())
    }

    /// Whether all requirements on shared packages are known.
    pub(super) fn is_comparable(&self) -> bool {
        demands::are_known(self.release, self.build)
    }

    /// Whether the build has compiled code for the GPU. If its makers publish no list, its CUDA must compile for the
    /// GPU.
    pub(super) fn serves(&self, matrix: &Matrix, card: &Card<'_>) -> bool {
        if self.build.capabilities.is_empty() {
            return self.build.cuda.as_ref().is_none_or(|cuda| cuda_serves(matrix, cuda, card.capability));
        }
        self.build.capabilities.iter().any(|compiled| matrix.runs(*compiled, card.capability))
    }
}

/// Whether each shared package has a version that meets the demands of all builds on a Python.
pub(super) fn agree(chosen: &[Candidate<'_>], python: &PythonVersion) -> bool {
    chosen.len() < 2 || disagreement(chosen, python).is_none()
}

/// The demands of the builds on the first shared package on which they disagree, each with the place of its build.
pub(super) fn disagreement(chosen: &[Candidate<'_>], python: &PythonVersion) -> Option<Vec<(usize, String)>> {
    demands::disagreement(chosen.iter().map(|candidate| (candidate.release, candidate.build)), python)
}

impl<'a> Wanted<'a> {
    /// Whether a GPU build of the framework is wanted.
    pub(super) fn is_on_gpu(&self, problem: &Problem<'_>) -> bool {
        problem.gpu && self.wish.gpu
    }

    /// The builds of a release, the preferred one first. First comes the makers' default (the first that exists for
    /// this architecture), then the newest CUDA. Builds that the makers do not list come last. A build
    /// from an index that a file names comes before all others. A CPU environment takes only builds for the CPU: many
    /// others need a driver as soon as they are imported.
    pub(super) fn builds(&self, problem: &Problem<'_>, place: usize, release: &'a ReleaseRow) -> Vec<Candidate<'a>> {
        let mut builds = release
            .builds
            .iter()
            .filter(|build| build.cuda.is_some() == self.is_on_gpu(problem))
            .filter(|build| self.wish.variant.as_ref().is_none_or(|only| build.variant == *only))
            .map(|build| Candidate { framework: self.index, place, release, build })
            .collect::<Vec<_>>();
        if let Some(default) = builds.iter().position(|candidate| candidate.wheels(problem).next().is_some()) {
            builds[..=default].rotate_right(1);
            builds[1..].sort_by_key(|candidate| (candidate.build.unlisted, Reverse(candidate.build.cuda.as_ref())));
        }
        let prefers = |candidate: &Candidate<'_>| self.lines.iter().any(|(_, line)| line.prefers(candidate.build));
        builds.sort_by_key(|candidate| !prefers(candidate));
        builds
    }
}
