//! Finds alternatives if the facts fit but current sources cannot build the result: the nearest that they can build.
//!
//! Each alternative is resolved before it is named.

use super::answer::unbuildable;
use super::axis::{PINS, question, stated};
use super::problem::Problem;
use super::remedy::{Remedy, WayOut, with_remedies};
use super::request::Request;
use super::rows::Rows;
use super::search::solve;
use super::solution::Solution;
use super::step::Step;
use crate::matrix::Matrix;
use crate::version::VersionRequest;

/// The largest number of alternatives: users do not read more.
const SHOWN: usize = 3;

/// The alternatives that can be built, the least change first. Empty if the preferred answer can be built.
#[must_use]
pub fn instead(request: &Request, rows: &Matrix) -> Vec<WayOut> {
    let rows = &Rows::of(rows);
    rows.allow_more();
    if is_buildable(request, rows) {
        return Vec::new();
    }
    let releases = (0..request.frameworks.len()).flat_map(|at| [Step::Newer(at), Step::Older(at)]);
    let pins = PINS.into_iter().filter(|axis| axis.decides_on_builds()).map(Step::Open);
    let mut found: Vec<WayOut> = Vec::new();
    // The first try has no step: the manifest may allow another build, release or base.
    for step in [None].into_iter().chain(pins.chain(releases).map(Some)) {
        let way = with(request, rows, step).filter(|new| !found.contains(new));
        found.extend(way);
    }
    found.truncate(SHOWN);
    found
}

fn is_buildable(request: &Request, rows: &Rows<'_>) -> bool {
    let problem = question(request, rows, &stated(request));
    !request.lacks_gpu() && solve(&problem).is_some_and(|solution| unbuildable(&problem, &solution).is_none())
}

/// The changes that lead to an answer which `step` allows; none if no such answer can be built.
fn with(request: &Request, rows: &Rows<'_>, step: Option<Step>) -> Option<WayOut> {
    let all = stated(request);
    let axes = step.map_or(all.clone(), |step| step.leave_open(&all));
    let mut problem = Problem { buildable: true, ..question(request, rows, &axes) };
    if let Some(step) = step {
        step.limit_releases(&mut problem);
    }
    let solution = solve(&problem)?;
    let mut tried = request.clone();
    let mut changes = Vec::new();
    let open = step.and_then(Step::open_axis).filter(|axis| axis.has_least());
    let open = open.and_then(|axis| axis.remedy(&solution));
    for change in differences(request, &problem, &solution).into_iter().chain(open) {
        // Stop as soon as the changes are enough.
        if is_buildable(&tried, rows) {
            break;
        }
        change.apply(&mut tried);
        changes.push(change);
    }
    if !is_buildable(&tried, rows) {
        return None;
    }
    let changes = shorter(request, rows, needed(request, rows, changes));
    let manifest = with_remedies(&request.manifest.text, &changes)?;
    Some(WayOut { remedies: changes, manifest, target: None })
}

/// Shortens `2.5.0` to `2.5` if that can be built too, because users write it so. `0.4.23` stays, because `0.4` is less
/// close.
fn shorter(request: &Request, rows: &Rows<'_>, mut changes: Vec<Remedy>) -> Vec<Remedy> {
    for place in 0..changes.len() {
        let Remedy::Framework { id, version } = &changes[place] else { continue };
        let mut numbers = version.text().trim_start_matches('=').split('.');
        let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else { continue };
        if numbers.next().is_some_and(|patch| patch != "0") {
            continue;
        }
        let Ok(version) = format!("{major}.{minor}").parse() else { continue };
        let mut short = changes.clone();
        short[place] = Remedy::Framework { id: id.clone(), version };
        if is_buildable(&with_all(request, &short), rows) {
            changes = short;
        }
    }
    changes
}

fn with_all(request: &Request, changes: &[Remedy]) -> Request {
    let mut tried = request.clone();
    for change in changes {
        change.apply(&mut tried);
    }
    tried
}

/// Removes the changes that are not necessary.
fn needed(request: &Request, rows: &Rows<'_>, mut changes: Vec<Remedy>) -> Vec<Remedy> {
    for place in (0..changes.len()).rev() {
        let mut fewer = changes.clone();
        fewer.remove(place);
        if is_buildable(&with_all(request, &fewer), rows) {
            changes = fewer;
        }
    }
    changes
}

/// All changes that together lead only to `solution`, in the order in which a user would make them.
fn differences(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<Remedy> {
    let mut changes = Vec::new();
    for (wanted, candidate) in problem.frameworks.iter().zip(&solution.chosen) {
        let version = VersionRequest::exactly(&candidate.release.version);
        if !wanted.wish.version.value.accepts(&candidate.release.version) {
            changes.push(Remedy::Framework { id: wanted.id.clone(), version });
        }
    }
    let main = solution.main.as_ref().map(|candidate| candidate.build);
    let bare = solution.bare.as_ref().map(|bare| bare.version.clone());
    let cuda = main.and_then(|build| build.cuda.clone()).or(bare);
    if cuda.is_some() {
        changes.push(Remedy::Cuda(cuda));
    }
    if let (Some(_), Some(cudnn)) = (&request.cudnn, main.and_then(|build| build.cudnn.as_ref())) {
        changes.push(Remedy::Cudnn(Some(cudnn.prefix(2))));
    }
    for (wanted, candidate) in problem.frameworks.iter().zip(&solution.chosen) {
        let version = VersionRequest::exactly(&candidate.release.version);
        changes.push(Remedy::Framework { id: wanted.id.clone(), version });
    }
    changes.push(Remedy::Python(solution.place.python.clone()));
    changes.extend(solution.place.os.map(|os| Remedy::Base(os.id.clone())));
    changes
}
