//! The axis of the day of publication: `exclude-newer` binds the frameworks as it binds all packages.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::matrix::rows::ReleaseRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::rows::Rows;
use crate::resolve::solution::Solution;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(request.published.is_some()),
    fact,
    clear,
    relax,
    weight: 7,
    can_change,
    remedy: |solution| Some(remedy(solution)),
    nearest: None,
    least: Some(least),
    builds: Some(BuildRules {
        stage: 2,
        kind: ConflictKind::PublishedLater,
        misfit,
        lack,
        key: |problem| problem.published.map(ToString::to_string),
        quality: |problem| problem.published.cloned().map(FactValue::Published),
    }),
    cuda_lack: None,
};

/// The obstacle of a build that was published after the last day. An unknown day is no earlier one.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let last = problem.published?.as_str();
    let later = candidate.published().map_or(!problem.allow_unknown, |day| day > last);
    later.then_some(Obstacle::On(Axis::Published))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    Some(ConflictFact::asked(Axis::Published, request.published.as_ref()?, FactValue::Published))
}

fn clear(_: usize, request: &mut Request) {
    request.published = None;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.published = problem.published.filter(|_| kept.has(Axis::Published));
}

fn can_change(request: &Request) -> bool {
    request.published.is_some()
}

/// The day of the latest build; none if the day of a build is unknown.
fn remedy(solution: &Solution<'_>) -> Remedy {
    let days = solution.chosen.iter().map(|candidate| candidate.published().map(str::to_owned));
    let latest = days.collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max());
    Remedy::Published(latest.and_then(|day| day.parse().ok()))
}

/// The change to the first day on which enough was published.
fn least(request: &Request, rows: &Rows<'_>, _: bool, resolves: &dyn Fn(&Remedy) -> bool) -> Option<Remedy> {
    let asked = request.published.as_ref()?.value.as_str();
    let releases = request.frameworks.keys().filter_map(|id| rows.framework(id)).flat_map(|file| &file.releases);
    let own =
        |release: &ReleaseRow| release.builds.iter().filter_map(|build| build.uploaded.clone()).collect::<Vec<_>>();
    let days = releases.flat_map(|release| own(release).into_iter().chain(release.released.clone()));
    let days = unique(days.filter(|day| day.as_str() > asked));
    let change = |day: &String| day.parse().ok().map(|day| Remedy::Published(Some(day)));
    // A later day allows all that an earlier one does.
    let first = days.partition_point(|day| !change(day).is_some_and(|change| resolves(&change)));
    days.get(first).and_then(change)
}

fn misfit(_: usize, _: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    Misfit::Published(candidate.published().map(str::to_owned))
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    BuildsLack::Published {
        last: refused.figures.problem.published.cloned().expect("it is in the way only where it is asked for"),
        first: refused.asked_for().filter_map(|candidate| candidate.published().map(str::to_owned)).min(),
    }
}
