//! The cuDNN that a framework's build is made for, and whether it serves the GPUs.

use super::{Axis, AxisRules, BuildRules};
use crate::matrix::Matrix;
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::place::main_build;
use crate::resolve::problem::Card;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::search::Solution;
use crate::resolve::shared::Range;
use crate::version::{ComputeCapability, CudnnVersion};

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 5,
    can_change,
    remedy: |problem, solution| Some(remedy(problem, solution)),
    builds: Some(BuildRules { stage: 5, kind: ConflictKind::CudnnMismatch, misfit, lack }),
};

/// It is made for another cuDNN than asked for. Nothing is asked of CPU builds.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let other = problem.gpu && problem.cudnn.is_some_and(|asked| !is_made_for(candidate, asked));
    other.then_some(Obstacle::On(Axis::Cudnn))
}

/// No cuDNN that goes with it has kernels for a GPU.
pub(super) fn kernels(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let card = problem.gpus.iter().find(|card| !has_kernels(problem.rows, candidate, card))?;
    Some(Obstacle::Kernels(card.index))
}

/// A build that takes any cuDNN of a range is made for each of them; one that names none asks for none.
fn is_made_for(candidate: &Candidate<'_>, asked: &CudnnVersion) -> bool {
    let Some(made) = &candidate.build.cudnn else { return true };
    let in_range = || open_range(candidate).is_some_and(|range| range.admits_prefix(&asked.to_string()));
    made.within(asked) || asked.within(made) || in_range()
}

/// The range that it asks of its cuDNN package, where that is more than one version.
fn open_range(candidate: &Candidate<'_>) -> Option<Range> {
    let (_, text) = candidate.cudnn_range()?;
    Range::parse(text).filter(|range| !range.is_exact())
}

/// Whether the cuDNN it leaves open can be one with kernels for the GPU. A cuDNN that the build itself pins is its makers'
/// choice for the GPUs they compile for: `notes` tells where that goes wrong.
fn has_kernels(matrix: &Matrix, candidate: &Candidate<'_>, card: &Card<'_>) -> bool {
    let (Some(mut range), Some(cap)) = (open_range(candidate), cudnn_cap(matrix, card.capability)) else {
        return true;
    };
    range.also(&format!("<{cap}"));
    range.is_possible()
}

/// The first cuDNN without kernels for `gpu`, when there is one after releases that had them.
pub(in crate::resolve) fn cudnn_cap(matrix: &Matrix, gpu: ComputeCapability) -> Option<&CudnnVersion> {
    let last_serving = matrix.cudnn().iter().rposition(|row| row.serves(gpu))?;
    matrix.cudnn().get(last_serving + 1).map(|row| &row.version)
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Cudnn, request.cudnn.as_ref()?, FactValue::Cudnn))
}

fn clear(_: usize, request: &mut Request) {
    request.cudnn = None;
}

fn can_change(request: &Request) -> bool {
    request.cudnn.is_some() && request.gpu != GpuWish::None
}

fn remedy(problem: &Problem<'_>, solution: &Solution<'_>) -> Remedy {
    let made_for = main_build(problem, &solution.chosen).and_then(|candidate| candidate.build.cudnn.as_ref());
    Remedy::Cudnn(made_for.map(|cudnn| cudnn.prefix(2)))
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Cudnn(candidate.build.cudnn.clone())
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Cudnn {
        cudnn: refused.problem.cudnn.cloned().expect("it is in the way only where it is asked for"),
        known: unique(refused.asked_for().filter_map(|candidate| candidate.build.cudnn.clone())),
    }
}
