//! The axis of the Python version.

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
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.python.is_some()),
    fact,
    clear,
    relax,
    weight: 7,
    can_change,
    remedy: |solution| Some(Remedy::Python(solution.place.python.clone())),
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 4,
        kind: ConflictKind::PythonUnsupported,
        misfit,
        lack,
        key: |problem| problem.python.map(ToString::to_string),
        quality: |problem| problem.python.cloned().map(FactValue::Python),
    }),
    cuda_lack: None,
};

/// The obstacle of a build that has no wheel for a requested Python.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let asked = problem.python?;
    let mut pythons = candidate.wheels(problem).flat_map(|wheel| &wheel.python);
    (!pythons.any(|python| asked.accepts(python))).then_some(Obstacle::On(Axis::Python))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Python, request.python.as_ref()?, FactValue::Python))
}

fn clear(_: usize, request: &mut Request) {
    request.python = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.python = problem.python.filter(|_| kept.has(Axis::Python));
}

fn can_change(request: &Request) -> bool {
    request.python.is_some()
}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Python(problem.python.cloned().expect("it is in the way only where it is asked for"))
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let wheels = refused.asked_for().flat_map(|candidate| candidate.wheels(refused.figures.problem));
    BuildsLack::Python {
        python: refused.figures.problem.python.cloned().expect("it is in the way only where it is asked for"),
        known: unique(wheels.flat_map(|wheel| wheel.python.iter().cloned())),
    }
}
