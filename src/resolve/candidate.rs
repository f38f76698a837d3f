//! One build of one release, and what of a problem keeps it from fitting by itself.

use std::cmp::Reverse;

use super::axis::{self, Axis, cuda_serves};
use super::conflict::ConflictKind;
use super::memo::Looks;
use super::problem::{Card, Problem, Wanted};
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, Libraries, ReleaseRow, WheelRow};
use crate::version::{GlibcVersion, PythonVersion};

/// One build of one release.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The release's place in its framework's file.
    pub(super) place: usize,
    pub(super) release: &'a ReleaseRow,
    pub(super) build: &'a BuildRow,
}

/// What keeps a candidate from fitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It does not meet what is stated on this axis.
    On(Axis),
    /// No cuDNN that goes with it has kernels for this GPU.
    Kernels(usize),
}

impl Obstacle {
    /// How far a candidate came.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::On(axis) => axis.builds().stage,
            Self::Kernels(index) => Axis::Gpu(index).builds().stage,
        }
    }

    /// The kind of conflict in which every build has this obstacle.
    pub(super) fn kind(self) -> ConflictKind {
        match self {
            Self::On(axis) => axis.builds().kind,
            Self::Kernels(_) => ConflictKind::CudnnMismatch,
        }
    }

    /// The place of the GPU that a build has no code for, where that is what is in the way.
    pub(super) fn gpu_without_code(self) -> Option<usize> {
        if let Self::On(Axis::Gpu(index)) = self { Some(index) } else { None }
    }
}

impl<'a> Candidate<'a> {
    /// Its wheels for the problem's architecture.
    pub(super) fn wheels(&self, problem: &Problem<'_>) -> impl Iterator<Item = &'a WheelRow> + use<'a> {
        let arch = problem.arch;
        self.build.wheels.iter().filter(move |wheel| wheel.arch == arch)
    }

    /// Whether it has a wheel for `python` that loads on `glibc`.
    pub(super) fn installs(&self, problem: &Problem<'_>, python: &PythonVersion, glibc: Option<&GlibcVersion>) -> bool {
        let loads = |wheel: &WheelRow| glibc.is_none_or(|glibc| wheel.glibc <= *glibc);
        self.wheels(problem).any(|wheel| loads(wheel) && wheel.python.contains(python))
    }

    /// Why no source serves it any more.
    pub(super) fn unbuildable(&self) -> Option<&'a str> {
        self.build.unbuildable.as_deref().or(self.release.unbuildable.as_deref())
    }

    /// What keeps it from fitting, the first in order.
    pub(super) fn obstacle(&self, problem: &Problem<'_>, wanted: &Wanted<'_>) -> Option<Obstacle> {
        if !wanted.counts(self.place, self.release) {
            return Some(Obstacle::On(Axis::Release(wanted.index)));
        }
        axis::objection(problem, self)
    }

    /// The `nvidia-*` packages it shares with other builds, with the ranges it asks of them. A build that brings the cuDNN it
    /// is made for, and whose dependencies nobody wrote down, is taken to pin it.
    pub(super) fn shared(&self) -> Vec<(String, String)> {
        let mut shared =
            self.build.shared.iter().map(|(name, range)| (name.clone(), range.clone())).collect::<Vec<_>>();
        let brings = self.build.libraries == Libraries::Wheel && self.cudnn_range().is_none();
        if let (true, Some(cuda), Some(cudnn)) = (brings, &self.build.cuda, &self.build.cudnn) {
            let end = if cudnn.parts().len() < 4 { ".*" } else { "" };
            shared.push((format!("nvidia-cudnn-cu{}", cuda.major()), format!("=={cudnn}{end}")));
        }
        shared
    }

    /// The cuDNN package it depends on, and the range it asks of it.
    pub(super) fn cudnn_range(&self) -> Option<(&'a str, &'a str)> {
        let named = |(name, _): &(&String, &String)| name.starts_with("nvidia-cudnn");
        self.build.shared.iter().find(named).map(|(name, range)| (name.as_str(), range.as_str()))
    }

    /// Whether it has compiled code for the GPU. Where its makers publish no list, its CUDA must compile for it.
    pub(super) fn serves(&self, matrix: &Matrix, card: &Card<'_>) -> bool {
        if self.build.capabilities.is_empty() {
            return self.build.cuda.as_ref().is_none_or(|cuda| cuda_serves(matrix, cuda, card.capability));
        }
        self.build.capabilities.iter().any(|compiled| compiled.serves(card.capability))
    }
}

/// The obstacles in one problem of candidates whose releases are asked for.
pub(super) struct Obstacles<'p, 'a> {
    problem: &'p Problem<'a>,
    looks: Looks,
}

impl<'p, 'a> Obstacles<'p, 'a> {
    pub(super) fn in_problem(problem: &'p Problem<'a>) -> Self {
        Self { problem, looks: Looks::default() }
    }

    /// What keeps the candidate from fitting by itself.
    pub(super) fn of(&mut self, candidate: &Candidate<'a>) -> Option<Obstacle> {
        self.problem.rows.step();
        self.looks.once(self.problem, candidate, || axis::objection(self.problem, candidate))
    }

    /// Whether it fits by itself, and can be built where that is asked.
    pub(super) fn none_for(&mut self, candidate: &Candidate<'a>) -> bool {
        self.of(candidate).is_none() && !(self.problem.buildable && candidate.unbuildable().is_some())
    }
}

impl<'a> Wanted<'a> {
    /// The builds of a release, the preferred one first: the default of its makers (the first that exists for this
    /// architecture), then by CUDA, the newest first, those that its makers do not list last.
    pub(super) fn builds(&self, problem: &Problem<'_>, place: usize, release: &'a ReleaseRow) -> Vec<Candidate<'a>> {
        let mut builds = release
            .builds
            .iter()
            .filter(|build| is_wanted_kind(problem.gpu, release, build))
            .filter(|build| self.wish.variant.as_ref().is_none_or(|only| build.variant == *only))
            .map(|build| Candidate { place, release, build })
            .collect::<Vec<_>>();
        if let Some(default) = builds.iter().position(|candidate| candidate.wheels(problem).next().is_some()) {
            builds[..=default].rotate_right(1);
            builds[1..].sort_by_key(|candidate| (candidate.build.unlisted, Reverse(candidate.build.cuda.as_ref())));
        }
        builds
    }
}

/// A CPU environment takes CPU builds, and where a release has none, the GPU build, which computes on a CPU as well.
fn is_wanted_kind(gpu: bool, release: &ReleaseRow, build: &BuildRow) -> bool {
    match (gpu, build.cuda.is_some()) {
        (true, cuda) => cuda,
        (false, false) => true,
        (false, true) => release.builds.iter().all(|build| build.cuda.is_some()),
    }
}
