//! The CPU architecture of the target.

use super::{Axis, AxisRules, BuildRules};
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::search::Solution;

/// The architecture of the target.
pub(in crate::resolve) struct Architecture;

/// It has no wheel for the architecture.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    candidate.wheels(problem).next().is_none().then_some(Obstacle::On(Axis::Arch))
}

impl AxisRules for Architecture {
    fn fact(&self, request: &Request) -> Option<ConflictFact> {
        Some(ConflictFact::asked(Axis::Arch, request.target.arch.as_ref()?, FactValue::Arch))
    }

    fn clear(&self, request: &mut Request) {
        request.target.arch = None;
    }

    fn weight(&self) -> u8 {
        0
    }

    /// A machine of another architecture is no change but another machine.
    fn can_change(&self, _: &Request) -> bool {
        false
    }

    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        None
    }
}

impl BuildRules for Architecture {
    fn stage(&self) -> u8 {
        2
    }

    fn kind(&self) -> ConflictKind {
        ConflictKind::ArchUnsupported
    }

    fn misfit(&self, _: &Request, problem: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
        Misfit::Arch { arch: problem.arch, gpu: problem.gpu }
    }

    fn lack(&self, refused: &Refused<'_, '_>) -> BuildsLack {
        let wheels = refused.candidates().flat_map(|candidate| &candidate.build.wheels);
        let Problem { arch, gpu, .. } = *refused.problem;
        BuildsLack::Arch { arch, gpu, known: unique(wheels.map(|wheel| wheel.arch)) }
    }
}
