//! The axis of the Pythons that the project's own `pyproject.toml` accepts.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.requires_python.is_some()),
    fact,
    clear,
    relax,
    weight: 5,
    // It is a statement of the project about its own code, so no change of the environment's manifest meets it.
    can_change: |_| false,
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 5,
        kind: ConflictKind::PythonUnsupported,
        misfit,
        lack,
        key: |problem| problem.requires_python.map(ToString::to_string),
        quality: |_| None,
    }),
    cuda_lack: None,
};

/// The obstacle of a build that has no wheel for a Python that both the project and the manifest accept.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    problem.requires_python?;
    let mut pythons = candidate.wheels(problem).flat_map(|wheel| &wheel.python);
    (!pythons.any(|python| problem.takes(python))).then_some(Obstacle::On(Axis::RequiresPython))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::RequiresPython, request.requires_python.as_ref()?, FactValue::Python))
}

fn clear(_: usize, request: &mut Request) {
    request.requires_python = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.requires_python = problem.requires_python.filter(|_| kept.has(Axis::RequiresPython));
}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Python(problem.requires_python.cloned().expect("it is in the way only where it is asked for"))
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let wheels = refused.asked_for().flat_map(|candidate| candidate.wheels(refused.figures.problem));
    BuildsLack::Python {
        python: refused.figures.problem.requires_python.cloned().expect("it is in the way only where it is asked for"),
        known: unique(wheels.flat_map(|wheel| wheel.python.iter().cloned())),
    }
}
