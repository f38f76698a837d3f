//! Finds builds of several frameworks that go together in one environment.
//!
//! The searches here try one combination after another, so they define the meaning. `memo` finds the same result
//! faster.

use super::candidate::{Candidate, agree};
use super::install_base::{common_pythons, whole};
use super::memo;
use super::obstacles::Obstacles;
use super::problem::{Problem, Wanted};
use super::solution::Solution;

/// The most preferred choice of one build for each framework that has a place. Releases come before builds, and the
/// first framework comes before the second.
pub(super) fn best<'a>(problem: &Problem<'a>, several: &[Wanted<'a>]) -> Option<Solution<'a>> {
    if problem.rows.memo().is_some() {
        return memo::best(problem, several);
    }
    let releases = several.iter().map(|wanted| fitting(problem, wanted)).collect::<Vec<_>>();
    choices(&releases).find_map(|builds| {
        let builds = builds.into_iter().cloned().collect::<Vec<_>>();
        let mut together = choices(&builds).map(owned).filter(|chosen| go_together(problem, chosen));
        together.find_map(|chosen| whole(problem, chosen))
    })
}

/// The first choice of builds that go together. The place where they install does not matter. `fitting` holds the
/// builds of each framework that fit alone.
pub(super) fn company<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> Option<Vec<Candidate<'a>>> {
    if problem.rows.memo().is_some() {
        return memo::company(problem, fitting);
    }
    choices(fitting).map(owned).find(|chosen| go_together(problem, chosen))
}

/// Whether a choice of builds has a common Python. All builds but the last must go together as well.
pub(super) fn have_a_python(problem: &Problem<'_>, fitting: &[Vec<Candidate<'_>>]) -> bool {
    if problem.rows.memo().is_some() {
        return memo::have_a_python(problem, fitting);
    }
    choices(fitting).map(owned).any(|chosen| {
        let others = chosen.split_last().map_or(&[][..], |(_, others)| others);
        chosen.is_empty() || common_pythons(problem, &chosen).any(|python| agree(others, python))
    })
}

/// The builds of a framework that fit alone, by release, the preferred release first.
fn fitting<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Vec<Vec<Candidate<'a>>> {
    let mut obstacles = Obstacles::in_problem(problem);
    let mut releases = Vec::new();
    for (place, release) in wanted.candidates() {
        let builds = wanted.builds(problem, place, release).into_iter();
        releases.push(builds.filter(|candidate| obstacles.none_for(candidate)).collect());
    }
    releases
}

/// Whether the builds have a common Python on which they agree about every shared package.
fn go_together(problem: &Problem<'_>, chosen: &[Candidate<'_>]) -> bool {
    chosen.is_empty() || common_pythons(problem, chosen).any(|python| agree(chosen, python))
}

/// Every choice of one item from each list, in the order of the lists: the first list's items change last.
fn choices<T>(lists: &[Vec<T>]) -> Box<dyn Iterator<Item = Vec<&T>> + '_> {
    let Some((last, before)) = lists.split_last() else { return Box::new(std::iter::once(Vec::new())) };
    Box::new(choices(before).flat_map(move |chosen| last.iter().map(move |item| [&chosen[..], &[item]].concat())))
}

fn owned<'a>(chosen: Vec<&Candidate<'a>>) -> Vec<Candidate<'a>> {
    chosen.into_iter().copied().collect()
}
