//! The axis of the base: a distribution, or a user's own image. The C library of the distribution decides which wheels
//! load.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::{Base, Request};
use crate::resolve::solution::Solution;
use crate::version::GlibcVersion;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.base.asked().is_some()),
    fact,
    clear,
    relax,
    weight: 2,
    can_change,
    remedy,
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 8,
        kind: ConflictKind::GlibcTooOld,
        misfit,
        lack,
        key: |problem| problem.base.distribution().map(str::to_owned),
        quality: |_| None,
    }),
    cuda_lack: None,
};

/// The obstacle of a build that has only wheels for a newer C library than that of the base.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let (_, glibc) = glibc(problem)?;
    let mut fitting = candidate.wheels(problem).filter(|wheel| wheel.glibc <= *glibc);
    let loads = fitting.any(|wheel| wheel.python.iter().any(|python| problem.takes(python)));
    (!loads).then_some(Obstacle::On(Axis::Base))
}

/// The requested distribution, and its C library.
fn glibc<'a>(problem: &Problem<'a>) -> Option<(&'a str, &'a GlibcVersion)> {
    let id = problem.base.distribution()?;
    problem.rows.distribution(id).map(|row| (id, &row.glibc))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Base, request.base.asked()?, FactValue::Base))
}

fn clear(_: usize, request: &mut Request) {
    request.base = Base::Open;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    if !kept.has(Axis::Base) {
        problem.base = &Base::Open;
    }
}

fn can_change(request: &Request) -> bool {
    !matches!(request.base, Base::Open)
}

fn remedy(solution: &Solution<'_>) -> Option<Remedy> {
    Some(Remedy::Base(solution.place.os?.id.clone()))
}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Glibc(candidate.wheels(problem).map(|wheel| &wheel.glibc).min().cloned())
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let wheels = refused.candidates().flat_map(|candidate| candidate.wheels(refused.figures.problem));
    BuildsLack::Glibc {
        needed: wheels.map(|wheel| &wheel.glibc).min().cloned(),
        base: glibc(refused.figures.problem).map(|(id, glibc)| (id.to_owned(), glibc.clone())),
    }
}
