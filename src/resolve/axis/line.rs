//! The axis of a line of the project's files that names a framework, a companion of it or one of NVIDIA's libraries.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, LineAsked};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::framework_line::{FrameworkLine, LineDemand};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::Request;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| request.lines.len(),
    fact,
    clear,
    relax,
    weight: 9,
    can_change: |request| !request.lines.is_empty(),
    // `ways_out` changes the line to what the solution brings.
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules { stage: 0, kind: ConflictKind::LineUnmet, misfit, lack, key, quality }),
    cuda_lack: None,
};

/// The obstacle of a build that does not meet a line, whatever Python it is installed for.
pub(in crate::resolve) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let refuses = |line: &FrameworkLine| {
        !line.admits(candidate.release, candidate.build, problem.wants_gpu_of(candidate.framework))
    };
    let mut always = problem.lines_about(candidate.framework).filter(|(_, line)| line.pythons.is_none());
    let refusing = always.find(|(_, line)| refuses(line)).or_else(|| {
        // Lines with a marker refuse only if they do so for every Python that the build could be installed for.
        let pythons = candidate.wheels(problem).flat_map(|wheel| &wheel.python);
        let mut usable = pythons.filter(|python| problem.takes(python)).peekable();
        let first = *usable.peek()?;
        if usable.any(|python| !candidate.is_refused_for(problem, python)) {
            return None;
        }
        let marked = || problem.lines_about(candidate.framework).filter(|(_, line)| line.pythons.is_some());
        marked().find(|(_, line)| line.counts_for(first) && refuses(line)).or_else(|| marked().next())
    });
    refusing.map(|(index, _)| Obstacle::On(Axis::Line(index)))
}

fn fact(index: usize, request: &Request) -> Option<ConflictFact> {
    let FrameworkLine { framework, text, origin, .. } = request.lines.get(index)?;
    let value = FactValue::Line { framework: framework.clone(), text: text.clone() };
    Some(ConflictFact { axis: Axis::Line(index), value, origin: origin.clone() })
}

fn clear(index: usize, request: &mut Request) {
    if index < request.lines.len() {
        request.lines.remove(index);
    }
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    for wanted in &mut problem.frameworks {
        wanted.lines.retain(|(index, _)| kept.has(Axis::Line(*index)));
    }
}

fn key(problem: &Problem<'_>) -> Option<String> {
    let lines = problem.frameworks.iter().flat_map(|wanted| &wanted.lines);
    let texts = lines.map(|(_, line)| format!("{} {}", line.framework, line.text)).collect::<Vec<_>>();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// The first line about releases, because the sentences about builds name releases.
fn quality(problem: &Problem<'_>) -> Option<FactValue> {
    let lines = problem.frameworks.iter().flat_map(|wanted| &wanted.lines).map(|(_, line)| line);
    let mut about = lines.filter(|line| !matches!(line.demand, LineDemand::Index { only: false, .. }));
    about.next().map(|line| FactValue::Line { framework: line.framework.clone(), text: line.text.clone() })
}

fn misfit(index: usize, request: &Request, _: &Problem<'_>, _: &Candidate<'_>) -> Misfit {
    Misfit::Line(asked(&request.lines[index]))
}

fn asked(line: &FrameworkLine) -> LineAsked {
    LineAsked { text: line.text.clone(), origin: line.origin.clone() }
}

/// If only the build is in the way, the figure is the builds that there are.
fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let lines = || refused.wanted.lines.iter().map(|(_, line)| *line);
    let of_release = |one: &&Candidate<'_>| lines().all(|line| line.admits_release(one.release));
    let newest = refused.candidates().filter(of_release).max_by_key(|one| one.place);
    let builds = newest.map(|newest| {
        let same = refused.candidates().filter(|one| one.place == newest.place);
        (newest.release.version.clone(), unique(same.map(|one| one.build.variant.clone())))
    });
    let needed = lines().filter(|line| !matches!(line.demand, LineDemand::Index { only: false, .. }));
    BuildsLack::Line { lines: needed.map(asked).collect(), builds }
}
