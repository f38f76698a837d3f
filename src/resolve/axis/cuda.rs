//! The CUDA that a framework's build is made for, or that an environment without a framework has.

use super::{Axis, AxisRules, BuildRules};
use crate::matrix::Matrix;
use crate::matrix::rows::CudaRow;
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::place::main_build;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::search::Solution;
use crate::version::CudaVersion;

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 6,
    can_change,
    remedy: |problem, solution| Some(remedy(problem, solution)),
    builds: Some(BuildRules { stage: 4, kind: ConflictKind::CudaUnsupported, misfit, lack }),
};

/// It is made for another CUDA than asked for. Nothing is asked of CPU builds.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let other = problem.gpu && problem.cuda.is_some_and(|asked| !is_made_for(candidate, asked));
    other.then_some(Obstacle::On(Axis::Cuda))
}

/// A build for 12.4 is within `12` and within `12.4.1`: wheels name the minor release.
fn is_made_for(candidate: &Candidate<'_>, asked: &CudaVersion) -> bool {
    candidate.build.cuda.as_ref().is_some_and(|made| made.within(asked) || asked.within(made))
}

/// The matrix's row for a CUDA; of a bare major, its newest.
pub(in crate::resolve) fn cuda_row<'a>(matrix: &'a Matrix, cuda: &CudaVersion) -> Option<&'a CudaRow> {
    matrix.cuda_release(cuda).or_else(|| matrix.cuda().iter().rev().find(|row| row.version.within(cuda)))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Cuda, request.cuda.as_ref()?, FactValue::Cuda))
}

fn clear(_: usize, request: &mut Request) {
    request.cuda = None;
}

fn can_change(request: &Request) -> bool {
    request.cuda.is_some() && request.gpu != GpuWish::None
}

fn remedy(problem: &Problem<'_>, solution: &Solution<'_>) -> Remedy {
    let made_for = main_build(problem, &solution.chosen).and_then(|candidate| candidate.build.cuda.clone());
    let bare = || solution.bare.as_ref().map(|bare| bare.version.clone());
    Remedy::Cuda(made_for.or_else(bare))
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Cuda(candidate.build.cuda.clone())
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Cuda {
        cuda: refused.problem.cuda.cloned().expect("it is in the way only where it is asked for"),
        known: unique(refused.asked_for().filter_map(|candidate| candidate.build.cuda.clone())),
    }
}
