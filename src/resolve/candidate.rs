//! One build of one release, and what of a problem keeps it from fitting by itself.

use std::cmp::Reverse;

use super::memo::Looks;
use super::problem::{Card, Problem, Wanted, WantedBase};
use super::shared::Range;
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, CudaRow, Libraries, ReleaseRow, WheelRow};
use crate::version::{ComputeCapability, CudaVersion, DriverVersion, GlibcVersion, PythonVersion};

/// One build of one release.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The release's place in its framework's file.
    pub(super) place: usize,
    pub(super) release: &'a ReleaseRow,
    pub(super) build: &'a BuildRow,
}

/// What keeps a candidate from fitting, in the order in which a person would look: what was asked of it, then where it
/// installs, then what it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    /// Another release is asked for.
    Version,
    /// The release has no GPU build at all.
    NoGpuBuild,
    /// No wheel for the architecture.
    Arch,
    /// No wheel for the Python asked for.
    Python,
    /// Made for another CUDA than asked for.
    Cuda,
    /// Made for another cuDNN than asked for.
    Cudnn,
    /// Its wheels need a newer C library than the base has.
    Glibc,
    /// It has no code for this GPU.
    Gpu(usize),
    /// Its cuDNN has no kernels for this GPU.
    CudnnKernels(usize),
    /// The driver is too old for it.
    Driver,
}

impl Obstacle {
    /// How far a candidate came. GPU and driver are one stage: both are the machine's.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::Version => 0,
            Self::NoGpuBuild => 1,
            Self::Arch => 2,
            Self::Python => 3,
            Self::Cuda => 4,
            Self::Cudnn => 5,
            Self::Glibc => 6,
            Self::Gpu(_) | Self::CudnnKernels(_) | Self::Driver => 7,
        }
    }

    /// The place of the GPU that a build has no code for, where that is what is in the way.
    pub(super) fn gpu_without_code(self) -> Option<usize> {
        if let Self::Gpu(index) = self { Some(index) } else { None }
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
            return Some(Obstacle::Version);
        }
        self.hindrance(problem)
    }

    /// The obstacle of a candidate whose release is asked for.
    fn hindrance(&self, problem: &Problem<'_>) -> Option<Obstacle> {
        self.where_it_installs(problem).or_else(|| if problem.gpu { self.what_it_runs_on(problem) } else { None })
    }

    fn where_it_installs(&self, problem: &Problem<'_>) -> Option<Obstacle> {
        if self.wheels(problem).next().is_none() {
            return Some(Obstacle::Arch);
        }
        let glibc = match problem.base {
            WantedBase::Distribution(id) => problem.rows.distribution(id).map(|row| &row.glibc),
            _ => None,
        };
        if problem.python.is_some_and(|python| !self.installs(problem, python, None)) {
            return Some(Obstacle::Python);
        }
        if problem.gpu && problem.cuda.is_some_and(|asked| !self.is_made_for_cuda(asked)) {
            return Some(Obstacle::Cuda);
        }
        if problem.gpu && problem.cudnn.is_some_and(|asked| !self.is_made_for_cudnn(asked)) {
            return Some(Obstacle::Cudnn);
        }
        let glibc = glibc?;
        let loads = match problem.python {
            Some(python) => self.installs(problem, python, Some(glibc)),
            None => self.wheels(problem).any(|wheel| wheel.glibc <= *glibc),
        };
        (!loads).then_some(Obstacle::Glibc)
    }

    fn what_it_runs_on(&self, problem: &Problem<'_>) -> Option<Obstacle> {
        if let Some(card) = problem.gpus.iter().find(|card| !self.serves(problem.rows, card)) {
            return Some(Obstacle::Gpu(card.index));
        }
        if let Some(card) = problem.gpus.iter().find(|card| !self.has_cudnn_kernels(problem.rows, card)) {
            return Some(Obstacle::CudnnKernels(card.index));
        }
        let floor = driver_floor(problem.rows, self.build)?;
        (!problem.driver_meets(floor)).then_some(Obstacle::Driver)
    }

    /// A build for 12.4 is within `12` and within `12.4.1`: wheels name the minor release.
    fn is_made_for_cuda(&self, asked: &CudaVersion) -> bool {
        self.build.cuda.as_ref().is_some_and(|made| made.within(asked) || asked.within(made))
    }

    /// A build that takes any cuDNN of a range is made for each of them; one that names none asks for none.
    fn is_made_for_cudnn(&self, asked: &crate::version::CudnnVersion) -> bool {
        let Some(made) = &self.build.cudnn else { return true };
        if made.within(asked) || asked.within(made) {
            return true;
        }
        let open = self.cudnn_range().and_then(|(_, text)| Range::parse(text)).filter(|range| !range.is_exact());
        open.is_some_and(|range| range.admits_prefix(&asked.to_string()))
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

    /// Whether the cuDNN it leaves open can be one with kernels for the GPU. A cuDNN that the build itself pins is its makers'
    /// choice for the GPUs they compile for: `notes` tells where that goes wrong.
    fn has_cudnn_kernels(&self, matrix: &Matrix, card: &Card<'_>) -> bool {
        let open = self.cudnn_range().and_then(|(_, text)| Range::parse(text)).filter(|range| !range.is_exact());
        let (Some(mut range), Some(cap)) = (open, cudnn_cap(matrix, card.capability)) else { return true };
        range.also(&format!("<{cap}"));
        range.is_possible()
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
        self.looks.once(self.problem, candidate, || candidate.hindrance(self.problem))
    }

    /// Whether it fits by itself, and can be built where that is asked.
    pub(super) fn none_for(&mut self, candidate: &Candidate<'a>) -> bool {
        self.of(candidate).is_none() && !(self.problem.buildable && candidate.unbuildable().is_some())
    }
}

/// Whether the toolkit `cuda` compiles code that runs on `gpu`. A bare major means its newest release.
pub(super) fn cuda_serves(matrix: &Matrix, cuda: &CudaVersion, gpu: ComputeCapability) -> bool {
    let Some(row) = cuda_row(matrix, cuda) else { return true };
    matrix.capabilities_of(&row.version).any(|compiled| compiled.capability.serves(gpu))
}

/// The matrix's row for a CUDA; of a bare major, its newest.
pub(super) fn cuda_row<'a>(matrix: &'a Matrix, cuda: &CudaVersion) -> Option<&'a CudaRow> {
    matrix.cuda_release(cuda).or_else(|| matrix.cuda().iter().rev().find(|row| row.version.within(cuda)))
}

/// The driver that a build needs: what its makers ask for, else NVIDIA's floor for its CUDA.
pub(super) fn driver_floor<'a>(matrix: &'a Matrix, build: &'a BuildRow) -> Option<&'a DriverVersion> {
    let floor = || cuda_row(matrix, build.cuda.as_ref()?).map(|row| &row.driver_minimum);
    build.driver_minimum.as_ref().or_else(floor)
}

/// The first cuDNN without kernels for `gpu`, when there is one after releases that had them.
pub(super) fn cudnn_cap(matrix: &Matrix, gpu: ComputeCapability) -> Option<&crate::version::CudnnVersion> {
    let last_serving = matrix.cudnn().iter().rposition(|row| row.serves(gpu))?;
    matrix.cudnn().get(last_serving + 1).map(|row| &row.version)
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
