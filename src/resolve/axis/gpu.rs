//! The axis of a GPU of the target.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::matrix::rows::CudaRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, CudaLack};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::lookup::cuda_serves;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::{Card, Problem};
use crate::resolve::request::{GpuWish, Request};

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| request.target.gpus.len(),
    fact,
    clear,
    relax,
    weight: 3,
    can_change,
    // `machine` finds the nearest sufficient GPU.
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules { stage: 9, kind: ConflictKind::GpuArchUnsupported, misfit, lack, key, quality: |_| None }),
    cuda_lack: Some(|index, figures| CudaLack::Code(figures.gpu(index))),
};

/// The obstacle of a build without compiled code for one of the GPUs.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    candidate.build.cuda.as_ref()?;
    let runs = |card: &Card<'_>| !card.is_elsewhere(problem.arch) && candidate.serves(problem.rows, card);
    let card = problem.gpus.iter().find(|card| !runs(card))?;
    Some(Obstacle::On(Axis::Gpu(card.index)))
}

/// The obstacle of a CUDA release that cannot compile for one of the GPUs.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    let card = problem.gpus.iter().find(|card| !cuda_serves(problem.rows, &row.version, card.capability))?;
    Some(Obstacle::On(Axis::Gpu(card.index)))
}

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Gpu(index), request.target.gpus.get(index)?, FactValue::Gpu))
}

fn clear(index: usize, request: &mut Request) {
    if index < request.target.gpus.len() {
        request.target.gpus.remove(index);
    }
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.gpus.retain(|card| kept.has(Axis::Gpu(card.index)));
}

fn can_change(request: &Request) -> bool {
    !request.target.gpus.is_empty() && request.gpu != GpuWish::None
}

fn key(problem: &Problem<'_>) -> Option<String> {
    let capabilities = unique(problem.gpus.iter().map(|card| card.capability));
    let texts = capabilities.iter().map(ToString::to_string).collect::<Vec<_>>();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn misfit(index: usize, request: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Code { gpu: request.target.gpus[index].value.clone(), cuda: candidate.build.cuda.clone() }
}

/// Some builds may lack the code, and others may need a newer driver.
fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Code {
        gpus: unique(refused.gpus_without_code()).into_iter().map(|index| refused.figures.gpu(index)).collect(),
        compiled: unique(refused.candidates().flat_map(|one| one.build.capabilities.iter().copied())),
        driver: if refused.has(Obstacle::On(Axis::Driver)) { (refused.figures.least_driver)() } else { None },
    }
}
