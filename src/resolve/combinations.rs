//! Every build that the manifest allows, with the reason for each that does not work here. `check --all` lists them.

use super::axis::{obstacle, question, stated};
use super::candidate::Candidate;
use super::lookup::driver_floor;
use super::misfit::Misfit;
use super::problem::{Problem, Wanted};
use super::request::Request;
use super::rows::Rows;
use super::search::solve;
use super::solution::Solution;
use super::unbuildable::SourceLack;
use crate::manifest::FrameworkId;
use crate::matrix::Matrix;
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion, ReleaseVersion, VersionRequest,
};

/// One build of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combination {
    pub framework: FrameworkId,
    /// The release of the framework.
    pub version: ReleaseVersion,
    /// The build of the release, by its name in the compatibility data.
    pub variant: String,
    /// The CUDA of the build.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN of the build.
    pub cudnn: Option<CudnnVersion>,
    /// The oldest driver that runs the build.
    pub driver: Option<DriverVersion>,
    /// The compute capabilities with compiled code.
    pub compute_capability: Vec<ComputeCapability>,
    /// The Pythons with wheels, in order.
    pub python: Vec<PythonVersion>,
    /// The base for this build, or the reason why it does not work here.
    pub outcome: Result<CombinationBase, Misfit>,
}

/// The base for a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CombinationBase {
    pub image: String,
    /// The reason why current sources cannot build it.
    pub unbuildable: Option<SourceLack>,
}

/// Every build of the requested releases, by framework, in order of preference.
#[must_use]
pub fn combinations(request: &Request, matrix: &Matrix) -> Vec<Combination> {
    let known = Rows::of(matrix);
    known.allow_more();
    let problem = question(request, &known, &stated(request));
    let mut all = Vec::new();
    for wanted in &problem.frameworks {
        for (place, release) in wanted.candidates() {
            let builds = wanted.builds(&problem, place, release);
            let told = builds.iter().filter(|candidate| !is_elsewhere(&problem, candidate, &builds));
            all.extend(told.map(|candidate| combination(request, &problem, wanted, candidate)));
        }
    }
    all
}

/// Whether the build is for another architecture, while this architecture has a build of the same variant.
fn is_elsewhere(problem: &Problem<'_>, candidate: &Candidate<'_>, builds: &[Candidate<'_>]) -> bool {
    let here = |candidate: &Candidate<'_>| candidate.wheels(problem).next().is_some();
    !here(candidate) && builds.iter().any(|other| other.build.variant == candidate.build.variant && here(other))
}

fn combination(
    request: &Request,
    problem: &Problem<'_>,
    wanted: &Wanted<'_>,
    candidate: &Candidate<'_>,
) -> Combination {
    let build = candidate.build;
    let mut python = candidate.wheels(problem).flat_map(|wheel| wheel.python.clone()).collect::<Vec<_>>();
    python.sort();
    python.dedup();
    Combination {
        framework: wanted.id.clone(),
        version: candidate.release.version.clone(),
        variant: build.variant.clone(),
        cuda: build.cuda.clone(),
        cudnn: build.cudnn.clone(),
        driver: driver_floor(problem.rows, build).cloned(),
        compute_capability: build.capabilities.clone(),
        python,
        outcome: outcome(request, problem, wanted, candidate),
    }
}

fn outcome(
    request: &Request,
    problem: &Problem<'_>,
    wanted: &Wanted<'_>,
    candidate: &Candidate<'_>,
) -> Result<CombinationBase, Misfit> {
    if let Some(obstacle) = obstacle(problem, wanted, candidate) {
        return Err(obstacle.misfit(request, problem, candidate));
    }
    let mut only = request.clone();
    if let Some(wish) = only.frameworks.get_mut(wanted.id) {
        wish.variant = Some(candidate.build.variant.clone());
        wish.version.value = VersionRequest::exactly(&candidate.release.version);
    }
    match solve(&question(&only, problem.rows, &stated(&only))) {
        Some(Solution { place, .. }) => {
            let unbuildable = candidate.unbuildable().map(|why| SourceLack::Gone(why.to_owned())).or(place.unbuildable);
            Ok(CombinationBase { image: place.image, unbuildable })
        }
        None if problem.rows.is_spent() => Err(Misfit::Undecided),
        None if problem.driver_clash().is_some() => Err(Misfit::DriverAndGpu),
        None if problem.frameworks.len() > 1 => Err(Misfit::Combination),
        None => Err(Misfit::Base),
    }
}
