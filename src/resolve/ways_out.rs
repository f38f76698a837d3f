//! Finds ways out of a conflict, the least change first. Each is tried before it is named: the changed request
//! resolves.

use super::axis::{Axis, AxisSet, PAIR, PINS, question, stated};
use super::framework_line::LineDemand;
use super::machine;
use super::problem::Problem;
use super::remedy::{Remedy, SuggestedTarget, WayOut, with_remedies};
use super::request::{GpuWish, Request};
use super::rows::Rows;
use super::search::solve;
use super::solution::Solution;
use super::step::Step;
use super::target::TargetDriver;
use crate::manifest::FrameworkId;
use crate::version::{ReleaseVersion, VersionRequest};

/// The largest number of ways out: users do not read more.
const SHOWN: usize = 6;

/// The largest number of ways out for one of several clashes: users do not read more.
const SHOWN_ALONE: usize = 2;

/// The largest number of lines that are changed together with something else.
const COMBINED_LINES: usize = 6;

/// The ways out, ranked by least change.
pub(super) fn ways_out(request: &Request, rows: &Rows<'_>) -> Vec<WayOut> {
    let search = Search { request, rows };
    let mut found = Vec::new();
    found.extend(search.another_machine());
    search.add(&search.singles(), &mut found);
    // Users pin the two as a pair.
    search.add(&[PAIR.map(Step::Open).to_vec()], &mut found);
    let helps = |found: &[Way]| found.iter().any(|way| !way.gives_up());
    if !helps(&found) {
        search.add(&search.pairs(), &mut found);
    }
    if !helps(&found) {
        search.add(&search.triples(), &mut found);
    }
    found.sort_by_key(Way::gives_up);
    let mut ways: Vec<WayOut> = Vec::new();
    for way in found {
        if !ways.contains(&way.out) {
            ways.push(way.out);
        }
    }
    ways.truncate(SHOWN);
    ways
}

/// The first single changes that resolve the facts on `axes`, without the other facts. Ways out in `known` are left
/// out.
pub(super) fn ways_out_of(axes: &AxisSet, request: &Request, rows: &Rows<'_>, known: &[WayOut]) -> Vec<WayOut> {
    let request = &with_only(request, axes);
    let search = Search { request, rows };
    let steps = search.singles().into_iter().filter(|steps| !steps.iter().any(|step| step.gives_up()));
    let ways = steps.filter_map(|steps| search.take(&steps)).map(|way| way.out);
    ways.filter(|way| !known.iter().any(|other| other.remedies == way.remedies)).take(SHOWN_ALONE).collect()
}

/// The request with only the facts on `axes`.
fn with_only(request: &Request, axes: &AxisSet) -> Request {
    let mut only = request.clone();
    // The last goes first, because a removed framework or GPU moves the places of those after it.
    for axis in stated(request).iter().rev().filter(|axis| !axes.has(*axis)) {
        axis.clear(&mut only);
    }
    only
}

/// A way out with its steps.
struct Way {
    steps: Vec<Step>,
    out: WayOut,
}

impl Way {
    /// Whether it gives up a GPU or a framework that the user wants.
    fn gives_up(&self) -> bool {
        self.steps.iter().any(|step| step.gives_up())
    }
}

struct Search<'a> {
    request: &'a Request,
    rows: &'a Rows<'a>,
}

impl<'a> Search<'a> {
    /// Tries each combination of steps. If some of its steps already help, the combination is skipped.
    fn add(&self, tries: &[Vec<Step>], found: &mut Vec<Way>) {
        let known = found.len();
        for steps in tries {
            let more = |way: &Way| !way.steps.is_empty() && way.steps.iter().all(|step| steps.contains(step));
            if !found[..known].iter().any(more) {
                found.extend(self.take(steps));
            }
        }
    }

    /// A machine with a GPU, if this one has none.
    fn another_machine(&self) -> Option<Way> {
        if !self.request.lacks_gpu() {
            return None;
        }
        let (target, remedy) = machine::with_gpu(self.request, self.rows)?;
        let changed = Request { target, ..self.request.clone() };
        let out = WayOut {
            remedies: vec![remedy],
            manifest: self.request.manifest.text.clone(),
            target: Some(target_of(&changed)),
        };
        Some(Way { steps: Vec::new(), out })
    }

    /// The single changes, in the order of least change.
    fn singles(&self) -> Vec<Vec<Step>> {
        let frameworks = 0..self.request.frameworks.len();
        let mut steps = frameworks
            .clone()
            .flat_map(|index| [Step::Newer(index), Step::Older(index)])
            .map(|step| vec![step])
            .collect::<Vec<_>>();
        steps.push(vec![Step::Labels]);
        steps.extend((0..self.request.lines.len()).map(|index| vec![Step::Line(index)]));
        steps.extend(PINS.map(|axis| vec![Step::Open(axis)]));
        steps.extend([Step::Driver, Step::Gpus, Step::Gpu, Step::Optional, Step::Cpu].map(|step| vec![step]));
        if frameworks.len() > 1 {
            steps.extend(frameworks.rev().map(|index| vec![Step::Drop(index)]));
        }
        steps
    }

    fn combined(&self) -> Vec<Step> {
        let mut steps = (0..self.request.frameworks.len()).map(Step::Release).collect::<Vec<_>>();
        // A file can have a hundred lines, and their pairs would take too long.
        steps.extend((0..self.request.lines.len()).take(COMBINED_LINES).map(Step::Line));
        steps.extend(PINS.map(Step::Open));
        steps.extend([Step::Driver, Step::Gpus, Step::Cpu]);
        steps.retain(|step| self.applies(*step));
        steps
    }

    fn pairs(&self) -> Vec<Vec<Step>> {
        let steps = self.combined();
        let pair = |(place, first): (usize, &Step)| {
            steps[place + 1..].iter().map(|second| vec![*first, *second]).collect::<Vec<_>>()
        };
        steps.iter().enumerate().flat_map(pair).collect()
    }

    fn triples(&self) -> Vec<Vec<Step>> {
        let steps = self.combined();
        let pairs = self.pairs();
        let longer = |pair: &Vec<Step>| {
            let after = steps.iter().position(|step| *step == pair[1]).map_or(steps.len(), |place| place + 1);
            steps[after..].iter().map(|step| vec![pair[0], pair[1], *step]).collect::<Vec<_>>()
        };
        pairs.iter().flat_map(longer).collect()
    }

    /// Whether the step has a value to change.
    fn applies(&self, step: Step) -> bool {
        let request = self.request;
        match step {
            Step::Newer(_) | Step::Older(_) | Step::Release(_) | Step::Line(_) => true,
            Step::Labels => request.lines.iter().any(|line| line.without_label().is_some()),
            // A framework that a line asks for stays.
            Step::Drop(index) => !request.lines.iter().any(|line| line.asks && line.framework == *self.id(index)),
            Step::Open(axis) => axis.can_change(request),
            Step::Driver => Axis::Driver.can_change(request),
            Step::Gpus => Axis::Gpu(0).can_change(request),
            Step::Gpu => request.gpu == GpuWish::None && !request.frameworks.is_empty(),
            Step::Optional => request.lacks_gpu(),
            Step::Cpu => request.gpu != GpuWish::None && !request.frameworks.is_empty(),
        }
    }

    /// Applies the steps together. Resolves without the facts that they may change, fills in the values found, and
    /// resolves again.
    fn take(&self, steps: &[Step]) -> Option<Way> {
        if !steps.iter().all(|step| self.applies(*step)) {
            return None;
        }
        let mut changed = self.request.clone();
        let mut edits = Vec::new();
        for step in steps {
            match step {
                Step::Cpu => edits.push(Remedy::Cpu),
                Step::Labels => edits.extend(self.labels()),
                Step::Gpu => edits.push(Remedy::Gpu),
                Step::Optional => edits.push(Remedy::Optional),
                Step::Drop(index) => edits.push(Remedy::Drop { id: self.id(*index).clone() }),
                _ => {}
            }
        }
        apply(&edits, &mut changed);
        let filled = if changed.frameworks.is_empty() {
            self.bare(steps, &changed)?
        } else {
            let (problem, solution) = self.relaxed(&changed, steps)?;
            let open = steps.iter().filter(|step| step.is_filled_in());
            open.map(|step| self.fill(*step, &problem, &solution, &changed)).collect::<Option<Vec<_>>>()?
        };
        apply(&filled, &mut changed);
        edits.extend(filled);
        for step in steps {
            let (target, remedy) = match step {
                Step::Driver => machine::driver(&changed, self.rows)?,
                Step::Gpus => machine::gpus(&changed, self.rows)?,
                _ => continue,
            };
            changed.target = target;
            edits.push(remedy);
        }
        if changed.lacks_gpu() || solve(&question(&changed, self.rows, &stated(&changed))).is_none() {
            return None;
        }
        let out = WayOut {
            manifest: with_remedies(&self.request.manifest.text, &edits)?,
            target: edits.iter().any(Remedy::concerns_machine).then(|| target_of(&changed)),
            remedies: edits,
        };
        Some(Way { steps: steps.to_vec(), out })
    }

    fn id(&self, index: usize) -> &'a FrameworkId {
        self.request.frameworks.keys().nth(index).expect("steps are made from the request's frameworks")
    }

    /// The answer without the facts that the steps change; none if nothing resolves.
    fn relaxed<'r>(&self, changed: &'r Request, steps: &[Step]) -> Option<(Problem<'r>, Solution<'r>)>
    where
        'a: 'r,
    {
        let axes = steps.iter().fold(stated(changed), |axes, step| step.leave_open(&axes));
        let mut problem = question(changed, self.rows, &axes);
        for step in steps {
            step.limit_releases(&mut problem);
        }
        let solution = solve(&problem)?;
        Some((problem, solution))
    }

    /// The change of a step, from the answer without its fact.
    fn fill(&self, step: Step, problem: &Problem<'_>, solution: &Solution<'_>, changed: &Request) -> Option<Remedy> {
        let (Step::Newer(index) | Step::Older(index) | Step::Release(index)) = step else {
            return match step {
                Step::Line(index) => self.fill_line(index, problem, solution),
                Step::Open(axis) => {
                    let least = axis.least(changed, self.rows, &|change| self.resolves_with(change, changed));
                    least.or_else(|| axis.remedy(solution))
                }
                _ => None,
            };
        };
        let place = problem.frameworks.iter().position(|wanted| wanted.index == index)?;
        let version = self.version_text(&solution.chosen[place].release.version, index, changed);
        Some(Remedy::Framework { id: self.id(index).clone(), version })
    }

    /// The changes of all lines with a label.
    fn labels(&self) -> impl Iterator<Item = Remedy> + use<'_> {
        self.request.lines.iter().filter_map(|line| {
            let becomes = Some(Box::new(line.without_label()?));
            Some(Remedy::Line { line: Box::new(line.clone()), becomes })
        })
    }

    /// The change of a line to what the answer without it brings.
    fn fill_line(&self, index: usize, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Remedy> {
        let line = self.request.lines.get(index)?;
        let place = problem.frameworks.iter().position(|wanted| *wanted.id == line.framework)?;
        let chosen = solution.chosen.get(place)?;
        let becomes = line.changed_to(chosen.release, chosen.build).map(Box::new);
        // A line that asks for its framework cannot be removed without it.
        let is_needed = matches!(line.demand, LineDemand::Release { .. } | LineDemand::Companion { .. });
        (becomes.is_some() || !is_needed).then(|| Remedy::Line { line: Box::new(line.clone()), becomes })
    }

    /// The changes in a request without a framework. The release nearest to the requested one is the least change.
    fn bare(&self, steps: &[Step], changed: &Request) -> Option<Vec<Remedy>> {
        let mut request = changed.clone();
        let (mut found, open) = (Vec::new(), steps.iter().filter(|step| step.is_filled_in()));
        for step in open {
            let others_too = steps.len() > 1;
            let change = match step {
                Step::Open(axis) if axis.has_nearest() => {
                    axis.nearest(&request, self.rows, others_too, &|change| self.resolves_with(change, &request))
                }
                _ => {
                    let (problem, solution) = self.relaxed(&request, steps)?;
                    self.fill(*step, &problem, &solution, &request)
                }
            }?;
            change.apply(&mut request);
            found.push(change);
        }
        Some(found)
    }

    fn resolves_with(&self, change: &Remedy, changed: &Request) -> bool {
        let mut tried = changed.clone();
        change.apply(&mut tried);
        solve(&question(&tried, self.rows, &stated(&tried))).is_some()
    }

    /// The request for a release as a user would write it: `2.7` if that resolves, else the exact release. It is also
    /// exact if the user asks for a release of the same line: `2.16` is no way out of `2.16.0`.
    fn version_text(&self, version: &ReleaseVersion, index: usize, changed: &Request) -> VersionRequest {
        let release = version.pep440().release();
        let exact = || VersionRequest::exactly(version);
        let [major, minor, ..] = release else { return exact() };
        let asked = &self.request.frameworks[self.id(index)].version.value;
        let asked = asked.text().trim_start_matches(|character: char| !character.is_ascii_digit());
        if asked.starts_with(&format!("{major}.{minor}.")) {
            return exact();
        }
        let short = format!("{major}.{minor}").parse::<VersionRequest>().expect("two numbers are a version request");
        let file = self.rows.framework(self.id(index)).expect("the request's frameworks have rows");
        let newest = file.releases.iter().rev().find(|row| short.accepts(&row.version));
        // The short form must lead to a release that fits too. Its newest release may have other wheels.
        if newest.is_some_and(|row| row.version == *version) {
            return short;
        }
        let change = Remedy::Framework { id: self.id(index).clone(), version: short.clone() };
        if self.resolves_with(&change, changed) { short } else { exact() }
    }
}

fn apply(changes: &[Remedy], request: &mut Request) {
    for change in changes {
        change.apply(request);
    }
}

/// The facts that a suggestion assumes of a machine.
pub(super) fn target_of(request: &Request) -> SuggestedTarget {
    let driver = match &request.target.driver {
        TargetDriver::Version(driver) => Some(driver.value.clone()),
        _ => None,
    };
    let compute_capability = request.target.gpus.iter().map(|gpu| gpu.value.capability).collect();
    SuggestedTarget { driver, compute_capability }
}
