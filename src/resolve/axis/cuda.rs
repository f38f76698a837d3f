//! The axis of CUDA: the CUDA of a framework's build, or of an environment without a framework.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::rows::Rows;
use crate::resolve::solution::Solution;
use crate::version::CudaVersion;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.cuda.is_some()),
    fact,
    clear,
    relax,
    weight: 6,
    can_change,
    remedy: |solution| Some(remedy(solution)),
    nearest: Some(nearest),
    least: None,
    builds: Some(BuildRules {
        stage: 6,
        kind: ConflictKind::CudaUnsupported,
        misfit,
        lack,
        key: |problem| problem.cuda.map(ToString::to_string),
        quality: |problem| problem.cuda.cloned().map(FactValue::Cuda),
    }),
    cuda_lack: None,
};

/// The obstacle of a build for another CUDA than the requested one. CPU builds have no CUDA, so they always pass.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let of_gpu = problem.gpu && candidate.build.cuda.is_some();
    let other = of_gpu && problem.cuda.is_some_and(|asked| !is_made_for(candidate, asked));
    other.then_some(Obstacle::On(Axis::Cuda))
}

/// Wheels name the minor release. So a build for 12.4 serves both `12` and `12.4.1`.
fn is_made_for(candidate: &Candidate<'_>, asked: &CudaVersion) -> bool {
    candidate.build.cuda.as_ref().is_some_and(|made| made.within(asked) || asked.within(made))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Cuda, request.cuda.as_ref()?, FactValue::Cuda))
}

fn clear(_: usize, request: &mut Request) {
    request.cuda = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.cuda = problem.cuda.filter(|_| kept.has(Axis::Cuda));
}

fn can_change(request: &Request) -> bool {
    request.cuda.is_some() && request.gpu != GpuWish::None
}

fn remedy(solution: &Solution<'_>) -> Remedy {
    let made_for = solution.main.as_ref().and_then(|candidate| candidate.build.cuda.clone());
    let bare = || solution.bare.as_ref().map(|bare| bare.version.clone());
    Remedy::Cuda(made_for.or_else(bare))
}

/// The change to the nearest release, a later one before an earlier one. If other changes follow (`others_too`), the
/// caller resolves it together with them.
fn nearest(request: &Request, rows: &Rows<'_>, others_too: bool, resolves: &dyn Fn(&Remedy) -> bool) -> Option<Remedy> {
    let asked = &request.cuda.as_ref()?.value;
    let rows = rows.cuda();
    let place = rows.partition_point(|row| row.version < *asked);
    let mut near = rows.iter().enumerate().collect::<Vec<_>>();
    near.sort_by_key(|(at, _)| if *at >= place { (at - place, 0) } else { (place - at, 1) });
    let others = near.into_iter().map(|(_, row)| &row.version).filter(|version| *version != asked);
    let mut tries = others.map(|version| Remedy::Cuda(Some(version.clone())));
    tries.find(|change| others_too || resolves(change))
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Cuda(candidate.build.cuda.clone())
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Cuda {
        cuda: refused.figures.problem.cuda.cloned().expect("it is in the way only where it is asked for"),
        known: unique(refused.asked_for().filter_map(|candidate| candidate.build.cuda.clone())),
    }
}
