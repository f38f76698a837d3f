//! The axis of the target's CPU architecture.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::matrix::rows::CudaRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, CudaLack};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Figures, Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.target.arch.is_some()),
    fact,
    clear,
    relax,
    weight: 0,
    // No change helps: another architecture is another machine.
    can_change: |_| false,
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 3,
        kind: ConflictKind::ArchUnsupported,
        misfit,
        lack,
        key: |problem| Some(problem.arch.to_string()),
        quality: |_| None,
    }),
    cuda_lack: Some(cuda_lack),
};

/// The obstacle of a build that has no wheel for the architecture.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    candidate.wheels(problem).next().is_none().then_some(Obstacle::On(Axis::Arch))
}

/// The obstacle of a CUDA release that does not exist for the architecture.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    (!row.is_for_arch(problem.arch)).then_some(Obstacle::On(Axis::Arch))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Arch, request.target.arch.as_ref()?, FactValue::Arch))
}

fn clear(_: usize, request: &mut Request) {
    request.target.arch = None;
}

/// The usual architecture depends on the GPUs, so it is set after all axes.
fn relax(_: &mut Problem<'_>, _: &AxisSet) {}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Arch { arch: problem.arch, gpu: problem.gpu }
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let wheels = refused.candidates().flat_map(|candidate| &candidate.build.wheels);
    let Problem { arch, gpu, .. } = *refused.figures.problem;
    BuildsLack::Arch { arch, gpu, known: unique(wheels.map(|wheel| wheel.arch)) }
}

fn cuda_lack(_: usize, figures: &Figures<'_, '_>) -> CudaLack {
    let Problem { rows, arch, .. } = *figures.problem;
    let last = rows.cuda().iter().rev().find(|row| row.is_for_arch(arch));
    CudaLack::Arch { arch, last: last.map(|row| row.version.clone()) }
}
