//! The CPU architecture of the target.

use super::{Axis, AxisRules, BuildRules};
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 0,
    // A machine of another architecture is no change but another machine.
    can_change: |_| false,
    remedy: |_, _| None,
    builds: Some(BuildRules { stage: 2, kind: ConflictKind::ArchUnsupported, misfit, lack }),
};

/// It has no wheel for the architecture.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    candidate.wheels(problem).next().is_none().then_some(Obstacle::On(Axis::Arch))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Arch, request.target.arch.as_ref()?, FactValue::Arch))
}

fn clear(_: usize, request: &mut Request) {
    request.target.arch = None;
}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Arch { arch: problem.arch, gpu: problem.gpu }
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let wheels = refused.candidates().flat_map(|candidate| &candidate.build.wheels);
    let Problem { arch, gpu, .. } = *refused.problem;
    BuildsLack::Arch { arch, gpu, known: unique(wheels.map(|wheel| wheel.arch)) }
}
