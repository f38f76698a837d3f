//! A GPU of the target.

use super::{Axis, AxisRules, BuildRules};
use crate::matrix::Matrix;
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::{GpuWish, Request};
use crate::version::{ComputeCapability, CudaVersion};

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 3,
    can_change,
    // `machine` looks for the nearest GPU that would do.
    remedy: |_, _| None,
    builds: Some(BuildRules { stage: 7, kind: ConflictKind::GpuArchUnsupported, misfit, lack }),
};

/// It has no compiled code for a GPU.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let card = problem.gpus.iter().find(|card| !candidate.serves(problem.rows, card))?;
    Some(Obstacle::On(Axis::Gpu(card.index)))
}

/// Whether the toolkit `cuda` compiles code that runs on `gpu`. A bare major means its newest release.
pub(in crate::resolve) fn cuda_serves(matrix: &Matrix, cuda: &CudaVersion, gpu: ComputeCapability) -> bool {
    let Some(row) = super::cuda_row(matrix, cuda) else { return true };
    matrix.capabilities_of(&row.version).any(|compiled| compiled.capability.serves(gpu))
}

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Gpu(index), request.target.gpus.get(index)?, FactValue::Gpu))
}

fn clear(index: usize, request: &mut Request) {
    if index < request.target.gpus.len() {
        request.target.gpus.remove(index);
    }
}

fn can_change(request: &Request) -> bool {
    !request.target.gpus.is_empty() && request.gpu != GpuWish::None
}

fn misfit(index: usize, request: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Code { gpu: request.target.gpus[index].value.clone(), cuda: candidate.build.cuda.clone() }
}

/// Some builds may lack the code, and others need a newer driver.
fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Code {
        gpus: unique(refused.gpus_without_code()).into_iter().map(|index| refused.gpu(index)).collect(),
        compiled: unique(refused.candidates().flat_map(|one| one.build.capabilities.iter().copied())),
        driver: if refused.has(Obstacle::On(Axis::Driver)) { refused.least_driver() } else { None },
    }
}
