//! From a diagnosis to its [`Cause`]: looks up the figures that decide.

use super::axis::{Axis, AxisSet};
use super::candidate::{Candidate, Obstacle};
use super::cause::{BuildsAsked, BuildsLack, Cause, CudaLack, FrameworkAsked, PackageNeed, PlaceLack};
use super::diagnosis::ClashDiagnosis;
use super::machine::least_driver;
use super::place::{CudaNeed, NoPlace};
use super::problem::{DriverClash, Problem, Releases, Wanted};
use super::request::Request;
use super::shared;
use super::target::TargetGpu;
use crate::version::{CudaVersion, DriverVersion, PythonVersion};

/// What a minimal clash is looked at with.
pub(super) struct Figures<'s, 'a> {
    pub(super) request: &'s Request,
    pub(super) problem: &'s Problem<'a>,
    /// What the clash is made of.
    pub(super) axes: &'s AxisSet,
}

/// The builds of one framework, none of which fits: those that came furthest.
pub(super) struct Refused<'s, 'a> {
    request: &'s Request,
    pub(super) problem: &'s Problem<'a>,
    axes: &'s AxisSet,
    pub(super) wanted: &'s Wanted<'a>,
    builds: &'s [(Candidate<'a>, Obstacle)],
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

    /// The GPU at a place.
    pub(super) fn gpu(&self, index: usize) -> TargetGpu {
        self.request.target.gpus[index].value.clone()
    }

    /// The least driver with which the facts of the clash resolve.
    pub(super) fn least_driver(&self) -> Option<DriverVersion> {
        least_driver(self.request, self.problem.rows, self.axes)
    }
}

impl Figures<'_, '_> {
    /// The cause that a diagnosis names.
    pub(super) fn cause(&self, diagnosis: &ClashDiagnosis<'_>) -> Cause {
        match diagnosis {
            ClashDiagnosis::Driver(DriverClash::TooNew { card, last }) => {
                Cause::DriverTooNew { gpu: self.gpu(card.index), last: last.major() }
            }
            ClashDiagnosis::Driver(DriverClash::TooOld { card, first }) => {
                Cause::DriverTooOld { gpu: self.gpu(card.index), first: (*first).clone() }
            }
            ClashDiagnosis::NoSuchVersion => self.unknown_version(),
            ClashDiagnosis::Builds { wanted, refused } => {
                let (_, first) = refused.first().expect("a diagnosis of builds has at least one");
                let Figures { request, problem, axes } = *self;
                let refused = Refused { request, problem, axes, wanted, builds: refused };
                let lack = match *first {
                    Obstacle::On(axis) => (axis.builds().lack)(&refused),
                    Obstacle::Kernels(index) => BuildsLack::Kernels(self.gpu(index)),
                };
                Cause::Builds { of: self.builds_asked(wanted, *first), lack }
            }
            ClashDiagnosis::BareCuda(obstacles) => Cause::Cuda {
                cuda: self.problem.cuda.cloned(),
                cudnn: self.problem.cudnn.cloned(),
                lack: self.cuda_lack(obstacles),
            },
            ClashDiagnosis::Pythons => Cause::NoCommonPython(
                self.problem.frameworks.iter().map(|wanted| (asked(wanted), self.pythons(wanted))).collect(),
            ),
            ClashDiagnosis::Packages => Cause::Packages { frameworks: self.frameworks(), needs: self.package_needs() },
            ClashDiagnosis::Nowhere(place) => self.nowhere(place),
        }
    }

    fn gpu(&self, index: usize) -> TargetGpu {
        self.request.target.gpus[index].value.clone()
    }

    fn least_driver(&self) -> Option<DriverVersion> {
        least_driver(self.request, self.problem.rows, self.axes)
    }

    fn frameworks(&self) -> Vec<FrameworkAsked> {
        self.problem.frameworks.iter().map(asked).collect()
    }

    fn unknown_version(&self) -> Cause {
        let unknown = self.problem.frameworks.iter().find(|wanted| wanted.candidates().next().is_none());
        let Some(wanted) = unknown else {
            return Cause::UnknownCuda {
                asked: self.problem.cuda.cloned(),
                newest: self.problem.rows.cuda().last().map(|row| row.version.clone()),
            };
        };
        let newest = wanted.file.releases.iter().rev().find(|row| !row.version.is_prerelease());
        Cause::UnknownRelease {
            framework: wanted.id.clone(),
            asked: wanted.wish.version.value.clone(),
            newest: newest.map(|row| row.version.clone()),
        }
    }

    /// The builds that the clash is about: narrowed by what was asked of them apart from what they lack.
    fn builds_asked(&self, wanted: &Wanted<'_>, lacking: Obstacle) -> BuildsAsked {
        let Problem { python, cuda, cudnn, .. } = self.problem;
        let is_before = |axis| Obstacle::On(axis).stage() < lacking.stage();
        BuildsAsked {
            framework: wanted.id.clone(),
            asked: wanted.wish.version.value.clone(),
            any: asked(wanted).releases.is_none(),
            python: python.filter(|_| is_before(Axis::Python)).cloned(),
            cuda: cuda.filter(|_| is_before(Axis::Cuda)).cloned(),
            cudnn: cudnn.filter(|_| is_before(Axis::Cudnn)).cloned(),
        }
    }

    fn cuda_lack(&self, obstacles: &[Obstacle]) -> CudaLack {
        let matrix = self.problem.rows;
        match obstacles.iter().max_by_key(|obstacle| obstacle.stage()) {
            Some(Obstacle::On(Axis::Driver)) => CudaLack::Driver(self.least_driver()),
            Some(Obstacle::On(Axis::Gpu(index))) => CudaLack::Code(self.gpu(*index)),
            Some(Obstacle::On(Axis::Arch)) => {
                let last = matrix.cuda().iter().rev().find(|row| row.is_for_arch(self.problem.arch));
                CudaLack::Arch { arch: self.problem.arch, last: last.map(|row| row.version.clone()) }
            }
            Some(Obstacle::Kernels(index)) => CudaLack::Kernels(self.gpu(*index)),
            _ => CudaLack::Cudnn { newest: matrix.cudnn().last().map(|row| row.version.clone()) },
        }
    }

    /// The Pythons that a framework has wheels for, in any build that counts.
    fn pythons(&self, wanted: &Wanted<'_>) -> Vec<PythonVersion> {
        let wheels = self.builds(wanted).into_iter().flat_map(|candidate| candidate.wheels(self.problem));
        unique(wheels.flat_map(|wheel| wheel.python.iter().cloned()))
    }

    fn builds<'w>(&self, wanted: &Wanted<'w>) -> Vec<Candidate<'w>> {
        wanted.candidates().flat_map(|(place, release)| wanted.builds(self.problem, place, release)).collect()
    }

    fn package_needs(&self) -> Vec<PackageNeed> {
        let frameworks = &self.problem.frameworks;
        let example = frameworks.iter().filter_map(|wanted| self.preferred(wanted)).collect::<Vec<_>>();
        let disagreement = shared::disagreement(&example);
        let ranges = disagreement.map(|disagreement| disagreement.ranges).unwrap_or_default();
        let need = |(index, requirement): (usize, String)| PackageNeed {
            framework: frameworks[index].id.clone(),
            version: example[index].release.version.clone(),
            requirement,
        };
        ranges.into_iter().map(need).collect()
    }

    /// The build that stands for a framework: of a release that the manifest asks for, where one fits by itself.
    fn preferred<'w>(&self, wanted: &Wanted<'w>) -> Option<Candidate<'w>> {
        let mut fits = self.builds(wanted);
        fits.retain(|candidate| candidate.obstacle(self.problem, wanted).is_none());
        let is_asked = |one: &&Candidate<'_>| wanted.wish.version.value.accepts(&one.release.version);
        fits.iter().find(is_asked).or_else(|| fits.first()).copied()
    }

    fn nowhere(&self, place: &NoPlace) -> Cause {
        let base = self.problem.base.asked().map(|asked| asked.value.clone());
        let lack = match place {
            NoPlace::Python => PlaceLack::Python,
            NoPlace::UnknownBase => {
                let near = base.as_ref().map(|base| self.problem.rows.distributions_like(base)).unwrap_or_default();
                PlaceLack::Base(near.iter().map(|row| row.id.clone()).collect())
            }
            NoPlace::Image(need) => self.no_image(need),
            NoPlace::Arch => PlaceLack::Arch(self.problem.arch),
            NoPlace::Glibc => PlaceLack::Glibc,
        };
        Cause::Place { frameworks: self.frameworks(), base, lack }
    }

    fn no_image(&self, need: &CudaNeed) -> PlaceLack {
        let framework = match &self.problem.frameworks[..] {
            [only] => Some((as_in_manifest(only), self.cudas(only))),
            _ => None,
        };
        let Problem { toolkit, cuda, .. } = self.problem;
        PlaceLack::Image { need: need.clone(), toolkit: *toolkit, framework, cuda_asked: cuda.is_some() }
    }

    fn cudas(&self, wanted: &Wanted<'_>) -> Vec<CudaVersion> {
        unique(self.builds(wanted).into_iter().filter_map(|candidate| candidate.build.cuda.clone()))
    }
}

/// A framework with the releases that the clash is about.
fn asked(wanted: &Wanted<'_>) -> FrameworkAsked {
    match wanted.releases {
        Releases::Asked(asked) if asked.text() != "*" => {
            FrameworkAsked { id: wanted.id.clone(), releases: Some(asked.clone()) }
        }
        _ => FrameworkAsked { id: wanted.id.clone(), releases: None },
    }
}

/// A framework with the releases that the manifest asks for, whether or not the clash is about those.
fn as_in_manifest(wanted: &Wanted<'_>) -> FrameworkAsked {
    FrameworkAsked { id: wanted.id.clone(), releases: Some(wanted.wish.version.value.clone()) }
}

/// Each item once, in order.
pub(super) fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
