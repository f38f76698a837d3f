//! The axis of cuDNN: the cuDNN of a framework's build, and whether it supports the GPUs.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::matrix::Matrix;
use crate::matrix::rows::CudaRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, CudaLack};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Figures, Refused, unique};
use crate::resolve::lookup::{cudnn_cap, cudnn_with};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::{Card, Problem};
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::rows::Rows;
use crate::resolve::shared::{Range, cudnn_range};
use crate::resolve::solution::Solution;
use crate::version::CudnnVersion;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.cudnn.is_some()),
    fact,
    clear,
    relax,
    weight: 5,
    can_change,
    remedy: |solution| Some(remedy(solution)),
    nearest: Some(nearest),
    least: None,
    builds: Some(BuildRules {
        stage: 7,
        kind: ConflictKind::CudnnMismatch,
        misfit,
        lack,
        key: |problem| problem.cudnn.map(ToString::to_string),
        quality: |problem| problem.cudnn.cloned().map(FactValue::Cudnn),
    }),
    cuda_lack: Some(cuda_lack),
};

/// The obstacle of a build for another cuDNN than the requested one. CPU builds have no cuDNN, so they always pass.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let other = problem.gpu && problem.cudnn.is_some_and(|asked| !is_made_for(candidate, asked));
    other.then_some(Obstacle::On(Axis::Cudnn))
}

/// The obstacle of a build if no cuDNN that it allows has kernels for one of the GPUs.
pub(super) fn kernels(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let card = problem.gpus.iter().find(|card| !has_kernels(problem.rows, candidate, card))?;
    Some(Obstacle::Kernels(card.index))
}

/// The obstacle of a CUDA release if no requested cuDNN is built for it and has kernels for every GPU.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    if problem.cudnn.is_none() || cudnn_with(problem, row).next().is_some() {
        return None;
    }
    let asked = problem.cudnn.into_iter().flat_map(|asked| problem.rows.cudnn_within(asked));
    let any = asked.into_iter().any(|cudnn| cudnn.is_for(&row.version));
    Some(match problem.gpus.first() {
        Some(card) if any => Obstacle::Kernels(card.index),
        _ => Obstacle::On(Axis::Cudnn),
    })
}

/// A build that allows a range of cuDNN versions serves each of them. A build without a cuDNN serves any request.
fn is_made_for(candidate: &Candidate<'_>, asked: &CudnnVersion) -> bool {
    let Some(made) = &candidate.build.cudnn else { return true };
    let in_range = || open_range(candidate).is_some_and(|range| range.admits_prefix(&asked.to_string()));
    made.within(asked) || asked.within(made) || in_range()
}

/// The range of cuDNN versions that the build allows; none if it allows only one.
fn open_range(candidate: &Candidate<'_>) -> Option<Range> {
    let (_, text) = cudnn_range(candidate.build)?;
    Range::parse(text).filter(|range| !range.is_exact())
}

/// Whether the build allows a cuDNN with kernels for the GPU. If the build pins its cuDNN, its makers chose that
/// version for the GPUs that they compile for: `notes` warns where that choice is wrong.
fn has_kernels(matrix: &Matrix, candidate: &Candidate<'_>, card: &Card<'_>) -> bool {
    let (Some(mut range), Some(cap)) = (open_range(candidate), cudnn_cap(matrix, card.capability)) else {
        return true;
    };
    range.also(&format!("<{cap}"));
    range.is_possible()
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Cudnn, request.cudnn.as_ref()?, FactValue::Cudnn))
}

fn clear(_: usize, request: &mut Request) {
    request.cudnn = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.cudnn = problem.cudnn.filter(|_| kept.has(Axis::Cudnn));
}

fn can_change(request: &Request) -> bool {
    request.cudnn.is_some() && request.gpu != GpuWish::None
}

fn remedy(solution: &Solution<'_>) -> Remedy {
    let made_for = solution.main.as_ref().and_then(|candidate| candidate.build.cudnn.as_ref());
    Remedy::Cudnn(made_for.map(|cudnn| cudnn.prefix(2)))
}

/// The change to the newest cuDNN of the requested major that resolves, else to the newest of any major.
fn nearest(request: &Request, rows: &Rows<'_>, _: bool, resolves: &dyn Fn(&Remedy) -> bool) -> Option<Remedy> {
    let asked = request.cudnn.as_ref()?.value.major();
    let known = || rows.cudnn().iter().rev().map(|row| &row.version);
    let same = known().filter(|version| version.major() == asked);
    let mut tries = same.chain(known()).map(|version| Remedy::Cudnn(Some(version.prefix(2))));
    tries.find(resolves)
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Cudnn(candidate.build.cudnn.clone())
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Cudnn {
        cudnn: refused.figures.problem.cudnn.cloned().expect("it is in the way only where it is asked for"),
        known: unique(refused.asked_for().filter_map(|candidate| candidate.build.cudnn.clone())),
    }
}

fn cuda_lack(_: usize, figures: &Figures<'_, '_>) -> CudaLack {
    CudaLack::Cudnn { newest: figures.problem.rows.cudnn().last().map(|row| row.version.clone()) }
}
