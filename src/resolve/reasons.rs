//! The reasons for each choice, for `check --why NAME`.

use super::axis::{Obstacle, obstacle};
use super::candidate::Candidate;
use super::decision::PythonSource;
use super::install_base::pythons;
use super::misfit::Misfit;
use super::problem::{Problem, Releases, Wanted};
use super::request::{Base, Request};
use super::solution::{BareCuda, Solution, chosen};
use crate::manifest::FrameworkId;
use crate::version::{CudaVersion, PythonVersion, ReleaseVersion, VersionRequest};

/// The reason for one choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceReason {
    /// A framework's release: the newest that fits.
    Release {
        framework: FrameworkId,
        version: ReleaseVersion,
        /// The requested releases; none: any.
        asked: Option<VersionRequest>,
        /// The next newer requested release, and the reason why it does not fit.
        newer: Option<(ReleaseVersion, Misfit)>,
    },
    /// A framework's build.
    Build {
        framework: FrameworkId,
        variant: String,
        /// The reason for this build.
        why: BuildChoice,
    },
    /// CUDA without a framework: the newest that the driver and the GPUs support.
    Cuda {
        version: CudaVersion,
        /// The requested CUDA; none: any.
        asked: Option<CudaVersion>,
    },
    Python {
        version: PythonVersion,
        /// The source of this Python.
        source: PythonSource,
        /// The distribution; none: the user's own image.
        os: Option<String>,
        /// The base image.
        image: String,
        /// Whether the manifest asks for exactly this one.
        asked: bool,
        /// The Pythons with wheels of every framework; empty without a framework.
        common: Vec<PythonVersion>,
    },
    /// The base image.
    Base {
        image: String,
        /// The reason for this image.
        why: BaseChoice,
    },
}

/// The reason for a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildChoice {
    /// The release has no other build.
    Only,
    /// Its makers publish it as the default.
    Default,
    /// The default does not fit, so this is the newest CUDA that fits.
    NewestCuda {
        default: String,
        /// The reason why it does not fit.
        misfit: Misfit,
    },
}

/// The reason for a base image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseChoice {
    /// The manifest names the image.
    Image,
    /// The manifest names the distribution, and its own image is enough.
    Distribution,
    /// The manifest names the distribution, and the image must provide CUDA.
    DistributionWithCuda,
    /// The image must provide CUDA.
    WithCuda,
    /// It is the newest maintained Ubuntu LTS that ships the Python.
    ShipsPython,
    /// It is the newest maintained Ubuntu LTS, because none ships the Python.
    Newest,
}

/// The reasons, in the order of the choices.
pub(super) fn reasons(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<ChoiceReason> {
    let of_each = chosen(problem, solution).flat_map(|(wanted, candidate)| {
        [release(request, problem, wanted, candidate), build(request, problem, wanted, candidate)]
    });
    let mut reasons = of_each.collect::<Vec<_>>();
    reasons.extend(solution.bare.as_ref().map(|bare| bare_cuda(problem, bare)));
    reasons.push(python(problem, solution));
    reasons.push(base(problem, solution));
    reasons
}

fn release(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> ChoiceReason {
    let asked = match wanted.releases {
        Releases::Asked(asked) if asked.text() != "*" => Some(asked.clone()),
        _ => None,
    };
    let newer = nearest_newer(problem, wanted, candidate)
        .map(|newer| (newer.release.version.clone(), misfit(request, problem, wanted, &newer)));
    ChoiceReason::Release { framework: wanted.id.clone(), version: candidate.release.version.clone(), asked, newer }
}

/// The preferred build of the next newer release, which does not fit.
fn nearest_newer<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>, candidate: &Candidate<'a>) -> Option<Candidate<'a>> {
    let newer = wanted.candidates().take_while(|(place, _)| *place != candidate.place).last()?;
    let builds = wanted.builds(problem, newer.0, newer.1);
    let stage = |candidate: &Candidate<'_>| obstacle(problem, wanted, candidate).map_or(u8::MAX, Obstacle::stage);
    // The build that passed the most checks explains most. Of equal builds, the preferred one counts.
    builds.into_iter().rev().max_by_key(stage)
}

fn misfit(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> Misfit {
    let obstacle = obstacle(problem, wanted, candidate);
    obstacle.map_or(Misfit::Combination, |obstacle| obstacle.misfit(request, problem, candidate))
}

fn build(request: &Request, problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> ChoiceReason {
    let builds = wanted.builds(problem, candidate.place, candidate.release);
    let default = builds.first().filter(|default| default.build.variant != candidate.build.variant);
    let why = match default {
        None if builds.len() == 1 => BuildChoice::Only,
        None => BuildChoice::Default,
        Some(default) => BuildChoice::NewestCuda {
            default: default.build.variant.clone(),
            misfit: misfit(request, problem, wanted, default),
        },
    };
    ChoiceReason::Build { framework: wanted.id.clone(), variant: candidate.build.variant.clone(), why }
}

fn bare_cuda(problem: &Problem<'_>, bare: &BareCuda<'_>) -> ChoiceReason {
    ChoiceReason::Cuda { version: bare.version.clone(), asked: problem.cuda.cloned() }
}

fn python(problem: &Problem<'_>, solution: &Solution<'_>) -> ChoiceReason {
    let place = &solution.place;
    ChoiceReason::Python {
        version: place.python.clone(),
        source: place.source,
        os: place.os.map(|row| row.id.clone()),
        image: place.image.clone(),
        asked: problem.python.is_some_and(|asked| asked.only().is_some()),
        common: if solution.chosen.is_empty() { Vec::new() } else { pythons(problem, &solution.chosen) },
    }
}

fn base(problem: &Problem<'_>, solution: &Solution<'_>) -> ChoiceReason {
    let place = &solution.place;
    let brings_cuda = place.os.is_some_and(|row| row.image != place.image);
    let why = match (problem.base, brings_cuda, place.source) {
        (Base::Image(_), ..) => BaseChoice::Image,
        (Base::Distribution(_), false, _) => BaseChoice::Distribution,
        (Base::Distribution(_), true, _) => BaseChoice::DistributionWithCuda,
        (Base::Open, true, _) => BaseChoice::WithCuda,
        (Base::Open, false, PythonSource::Distribution) => BaseChoice::ShipsPython,
        (Base::Open, false, _) => BaseChoice::Newest,
    };
    ChoiceReason::Base { image: place.image.clone(), why }
}
