//! Why nothing fits: the minimal clashes, what each is about, and whether there are others.

use std::collections::VecDeque;

use super::axis::{Axis, AxisSet};
use super::candidate::{Candidate, Obstacle, Obstacles};
use super::cause::{Cause, OpenQuestion};
use super::conflict::{Clash, Conflict, ConflictFact, ConflictKind, FactValue};
use super::figures::Figures;
use super::minimal::{clash, reduce};
use super::origin::FactOrigin;
use super::place::NoPlace;
use super::problem::{DriverClash, Problem, Wanted};
use super::request::{GpuWish, Request};
use super::rows::{Rows, STEPS};
use super::search::{bare_candidates, bare_obstacle, finish};
use super::target::{NoGpu, TargetDriver};
use super::together;
use super::ways_out::{ways_out, ways_out_of};
use crate::version::CudaVersion;

/// Why the facts of one minimal clash don't fit, as the rows show it.
pub(super) enum ClashDiagnosis<'a> {
    /// The driver does not run the GPU, whatever is installed.
    Driver(DriverClash<'a>),
    /// The matrix has no such release, or no such CUDA.
    NoSuchVersion,
    /// Every build has an obstacle of its own. These came furthest.
    Builds { wanted: Wanted<'a>, refused: Vec<(Candidate<'a>, Obstacle)> },
    /// Every CUDA asked for has one.
    BareCuda(Vec<Obstacle>),
    /// Each framework by itself has a build, and no two go together: no Python for all.
    Pythons,
    /// Likewise: the packages they share.
    Packages,
    /// There is nowhere to install.
    Nowhere(NoPlace),
}

/// More independent reasons than this are not looked for.
const REASONS: usize = 4;

/// After so many looks for another reason, those found are enough.
const TRIES: usize = 24;

/// The conflict in what the request states on `axes`, which clashes.
pub(super) fn conflict(request: &Request, matrix: &Rows<'_>, axes: &AxisSet) -> Conflict {
    matrix.allow_more();
    let clashes = clashes(request, matrix, axes);
    if clashes.is_empty() { undecided(OpenQuestion::WhichFactsClash) } else { assemble(request, matrix, clashes) }
}

/// The search was given up, and leaves `question` open.
pub(super) fn undecided(question: OpenQuestion) -> Conflict {
    let cause = Cause::Undecided { steps: STEPS, question };
    Conflict { clashes: vec![Clash::new(vec![ConflictKind::SearchBudget], Vec::new(), cause)], ways_out: Vec::new() }
}

/// A GPU is wanted where there is none, for the reason `found`. What else does not fit is a clash as well.
pub(super) fn gpu_missing(request: &Request, matrix: &Rows<'_>, found: NoGpu) -> Conflict {
    let origin = match &request.gpu {
        GpuWish::Required(span @ Some(_)) => request.manifest.origin(span.as_ref()),
        _ => FactOrigin::Envctl,
    };
    let wanted = ConflictFact { axis: Axis::Devices, value: FactValue::GpuWanted, origin };
    let host = ConflictFact { axis: Axis::Devices, value: FactValue::NoGpu(found), origin: FactOrigin::Envctl };
    let mut all = vec![Clash::new(vec![ConflictKind::GpuMissing], vec![wanted, host], Cause::NoGpu(found))];
    let axes = AxisSet::of(request);
    if clash(request, matrix, &axes) {
        all.extend(clashes(request, matrix, &axes));
    }
    assemble(request, matrix, all)
}

fn assemble(request: &Request, matrix: &Rows<'_>, mut clashes: Vec<Clash>) -> Conflict {
    if let Some(clash) = clashes.iter_mut().find(|clash| clash.is_about(Axis::Cuda)) {
        clash.ceiling = driver_ceiling(request, matrix);
    }
    matrix.allow_more();
    let ways_out = ways_out(request, matrix);
    if clashes.len() > 1 {
        for clash in clashes.iter_mut().filter(|clash| !clash.is_about(Axis::Devices)) {
            let axes = AxisSet::from(clash.facts.iter().map(|fact| fact.axis));
            clash.ways_out = ways_out_of(&axes, request, matrix, &ways_out);
        }
    }
    Conflict { clashes, ways_out }
}

/// The CUDA that was asked for, where it is what `nvidia-smi` prints.
fn driver_ceiling(request: &Request, matrix: &Rows<'_>) -> Option<CudaVersion> {
    let pinned = &request.cuda.as_ref()?.value;
    let ceiling = request.target.driver_cuda.clone().or_else(|| {
        let TargetDriver::Version(driver) = &request.target.driver else { return None };
        matrix.driver_ceiling(&driver.value).map(|row| row.version.clone())
    })?;
    // It never prints a third part: who pins one has it from elsewhere.
    (*pinned == ceiling.prefix(2)).then(|| pinned.clone())
}

/// The minimal clashes in `axes`. What leaves one of them when a fact is changed is a reason of its own, so each fact of each
/// clash found is left out in turn.
fn clashes(request: &Request, matrix: &Rows<'_>, axes: &AxisSet) -> Vec<Clash> {
    let mut open = VecDeque::from([axes.clone()]);
    let mut found: Vec<AxisSet> = Vec::new();
    let mut clashes = Vec::new();
    let mut tries = 0;
    while let Some(left) = open.pop_front()
        && found.len() < REASONS
        && tries < TRIES
    {
        tries += 1;
        if !clash(request, matrix, &left) {
            continue;
        }
        let minimal = reduce(request, matrix, &left);
        open.extend(changeable(&minimal).into_iter().map(|axis| left.without(axis)));
        if !found.contains(&minimal) {
            let clash = understand(request, matrix, &minimal);
            found.push(minimal);
            // What was found when the steps ran out may be no minimal clash, or have another cause.
            clashes.extend(Some(clash).filter(|_| !matrix.is_spent()));
        }
    }
    clashes
}

/// What a person would change: the machine's facts and the manifest's pins, or where there are none, the frameworks'
/// releases, or at last a framework.
fn changeable(minimal: &AxisSet) -> Vec<Axis> {
    let is_pin = |axis: &Axis| !matches!(axis, Axis::Framework(_) | Axis::Release(_));
    let mut changeable = minimal.iter().filter(is_pin).collect::<Vec<_>>();
    if changeable.is_empty() {
        changeable = minimal.iter().filter(|axis| matches!(axis, Axis::Release(_))).collect();
    }
    if changeable.is_empty() {
        changeable = minimal.iter().last().into_iter().collect();
    }
    changeable
}

fn understand(request: &Request, matrix: &Rows<'_>, axes: &AxisSet) -> Clash {
    let problem = Problem::new(request, matrix, axes);
    let diagnosis = find(&problem);
    let facts = axes.iter().filter_map(|axis| axis.fact(request)).collect();
    let cause = Figures { request, problem: &problem, axes }.cause(&diagnosis);
    Clash::new(kinds(request, &problem, &diagnosis), facts, cause)
}

/// Looks for what is in the way, in the order in which a person would.
fn find<'a>(problem: &Problem<'a>) -> ClashDiagnosis<'a> {
    if let Some(clash) = problem.driver_clash() {
        return ClashDiagnosis::Driver(clash);
    }
    if problem.frameworks.is_empty() {
        return find_bare(problem);
    }
    let mut fitting = Vec::new();
    for wanted in &problem.frameworks {
        let all = survey(problem, wanted);
        if wanted.candidates().next().is_none() {
            return ClashDiagnosis::NoSuchVersion;
        }
        let free =
            all.iter().filter(|(_, obstacle)| obstacle.is_none()).map(|(candidate, _)| *candidate).collect::<Vec<_>>();
        if free.is_empty() {
            return ClashDiagnosis::Builds { wanted: wanted.clone(), refused: furthest(all) };
        }
        fitting.push(free);
    }
    find_joint(problem, &fitting)
}

/// Every build of every release that counts, with what keeps it from fitting.
fn survey<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Vec<(Candidate<'a>, Option<Obstacle>)> {
    let mut all = Vec::new();
    let mut obstacles = Obstacles::in_problem(problem);
    for (place, release) in wanted.candidates() {
        let builds = wanted.builds(problem, place, release);
        if builds.is_empty() {
            let cpu = release.builds.first().map(|build| Candidate { place, release, build });
            all.extend(cpu.map(|candidate| (candidate, Some(Obstacle::On(Axis::Devices)))));
        }
        all.extend(builds.into_iter().map(|candidate| (candidate, obstacles.of(&candidate))));
    }
    all
}

fn furthest(all: Vec<(Candidate<'_>, Option<Obstacle>)>) -> Vec<(Candidate<'_>, Obstacle)> {
    let refused = all.into_iter().filter_map(|(candidate, obstacle)| Some((candidate, obstacle?))).collect::<Vec<_>>();
    let last = refused.iter().map(|(_, obstacle)| obstacle.stage()).max();
    refused.into_iter().filter(|(_, obstacle)| Some(obstacle.stage()) == last).collect()
}

fn find_bare<'a>(problem: &Problem<'a>) -> ClashDiagnosis<'a> {
    if problem.is_bare_cuda() {
        let obstacles = bare_candidates(problem).map(|row| bare_obstacle(problem, row)).collect::<Vec<_>>();
        if obstacles.is_empty() {
            return ClashDiagnosis::NoSuchVersion;
        }
        if let Some(all) = obstacles.into_iter().collect::<Option<Vec<_>>>() {
            return ClashDiagnosis::BareCuda(all);
        }
    }
    let row = bare_candidates(problem).find(|row| bare_obstacle(problem, row).is_none());
    let cuda = row.filter(|_| problem.is_bare_cuda()).map(|row| &row.version);
    let nowhere = super::place::place(problem, &[], cuda).err();
    ClashDiagnosis::Nowhere(nowhere.unwrap_or(NoPlace::UnknownBase))
}

/// Each framework has builds that fit by themselves: what keeps them apart?
fn find_joint<'a>(problem: &Problem<'a>, fitting: &[Vec<Candidate<'a>>]) -> ClashDiagnosis<'a> {
    let company = together::company(problem, fitting);
    if let Some(nowhere) = company.and_then(|chosen| finish(problem, chosen).err()) {
        return ClashDiagnosis::Nowhere(nowhere);
    }
    if fitting.len() == 1 || together::have_a_python(problem, fitting) {
        ClashDiagnosis::Packages
    } else {
        ClashDiagnosis::Pythons
    }
}

fn kinds(request: &Request, problem: &Problem<'_>, diagnosis: &ClashDiagnosis<'_>) -> Vec<ConflictKind> {
    let of_place = |place: &NoPlace| match place {
        NoPlace::Python => ConflictKind::PythonUnsupported,
        NoPlace::UnknownBase | NoPlace::Image(_) => ConflictKind::NoBaseImage,
        NoPlace::Arch => ConflictKind::ArchUnsupported,
        NoPlace::Glibc => ConflictKind::GlibcTooOld,
    };
    let all: Vec<ConflictKind> = match diagnosis {
        ClashDiagnosis::Driver(DriverClash::TooNew { .. }) => vec![ConflictKind::DriverTooNew],
        ClashDiagnosis::Driver(DriverClash::TooOld { .. }) => vec![ConflictKind::DriverTooOld],
        // With a framework, a CUDA that never was is one that nothing is built for.
        ClashDiagnosis::NoSuchVersion if problem.frameworks.is_empty() && !request.frameworks.is_empty() => {
            vec![ConflictKind::CudaUnsupported]
        }
        ClashDiagnosis::NoSuchVersion => vec![ConflictKind::NoSuchVersion],
        ClashDiagnosis::Builds { refused, .. } => refused.iter().map(|(_, obstacle)| obstacle.kind()).collect(),
        ClashDiagnosis::BareCuda(obstacles) => obstacles.iter().map(|obstacle| obstacle.kind()).collect(),
        ClashDiagnosis::Pythons => vec![ConflictKind::PythonUnsupported],
        ClashDiagnosis::Packages => vec![ConflictKind::PackageConflict],
        ClashDiagnosis::Nowhere(place) => vec![of_place(place)],
    };
    let mut kinds = Vec::new();
    for kind in all {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}
