//! From a minimal clash to the [`Conflict`]: which kind it is, what is said of it, and whether it is the only one.

use std::collections::VecDeque;

use super::base::NoPlace;
use super::candidate::{Candidate, Obstacle, Obstacles};
use super::completion;
use super::conflict::{Conflict, ConflictFact, ConflictKind};
use super::facts::{Fact, FactSet};
use super::joint::{Domain, Member, candidates};
use super::known::{Known, STEPS};
use super::message;
use super::minimal::{clash, reduce};
use super::problem::{DriverClash, Problem, Wanted};
use super::request::{Base, GpuWish, Request, TargetDriver};
use super::search::{bare_candidates, bare_obstacle, finish};
use super::suggest::suggestions;
use super::words;

/// Why the facts of one minimal clash don't fit.
pub(super) enum Cause<'a> {
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

/// A minimal clash, understood.
struct Reason {
    facts: FactSet,
    kinds: Vec<ConflictKind>,
    message: String,
}

/// More independent reasons than this are not told.
const REASONS: usize = 4;

/// After so many looks for another reason, those found are enough.
const TRIES: usize = 24;

/// The conflict in `facts`, which clash.
pub(super) fn conflict(request: &Request, matrix: &Known<'_>, facts: &FactSet) -> Conflict {
    matrix.allow_more();
    let reasons = reasons(request, matrix, facts);
    let Some(first) = reasons.first() else {
        return undecided("nothing fits, and it is not decided which of the facts clash");
    };
    let facts = first.facts.iter().filter_map(|fact| told(request, &first.facts, fact)).collect();
    assemble(request, matrix, facts, &reasons)
}

/// The search was given up: `what` is not known.
pub(super) fn undecided(what: &str) -> Conflict {
    Conflict {
        kind: ConflictKind::SearchBudget,
        kinds: vec![ConflictKind::SearchBudget],
        message: format!("the search was given up after {STEPS} steps: {what}"),
        facts: Vec::new(),
        suggestions: Vec::new(),
    }
}

/// A GPU is wanted where there is none. What else would not fit is told as well.
pub(super) fn gpu_missing(request: &Request, matrix: &Known<'_>) -> Conflict {
    let found = request.target.no_gpu.clone().unwrap_or_default();
    let GpuWish::Required(span) = &request.gpu else { unreachable!("asked only where a GPU is wanted") };
    let source = span.as_ref().map_or_else(|| "the default".to_owned(), |_| request.manifest.place(span.as_ref()));
    let wanted =
        ConflictFact { what: "[gpu] devices".to_owned(), value: "a GPU".to_owned(), source, span: span.clone() };
    let host =
        ConflictFact { what: "this machine".to_owned(), value: "no GPU".to_owned(), source: found.clone(), span: None };
    let message = format!("the environment asks for a GPU, and this machine has none that works: {found}");
    let mut reasons_found = vec![Reason { facts: FactSet::from([]), kinds: vec![ConflictKind::GpuMissing], message }];
    let facts = FactSet::of(request);
    if clash(request, matrix, &facts) {
        reasons_found.extend(reasons(request, matrix, &facts));
    }
    assemble(request, matrix, vec![wanted, host], &reasons_found)
}

fn assemble(request: &Request, matrix: &Known<'_>, facts: Vec<ConflictFact>, reasons: &[Reason]) -> Conflict {
    let mut kinds = Vec::new();
    for kind in reasons.iter().flat_map(|reason| &reason.kinds) {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    let mut message = reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join("; besides, ");
    if reasons.iter().any(|reason| reason.facts.has(Fact::Cuda)) {
        message.push_str(&message::driver_ceiling(request, matrix).unwrap_or_default());
    }
    matrix.allow_more();
    Conflict { kind: kinds[0], kinds, message, facts, suggestions: suggestions(request, matrix) }
}

/// The minimal clashes in `facts`. What leaves one of them standing when a fact is mended is a reason of its own, so each
/// fact of each clash found is left out in turn.
fn reasons(request: &Request, matrix: &Known<'_>, facts: &FactSet) -> Vec<Reason> {
    let mut open = VecDeque::from([facts.clone()]);
    let mut found: Vec<FactSet> = Vec::new();
    let mut reasons = Vec::new();
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
        open.extend(mendable(&minimal).into_iter().map(|fact| left.without(fact)));
        if !found.contains(&minimal) {
            found.push(minimal.clone());
            let reason = understand(request, matrix, minimal);
            // What was found when the steps ran out may be no minimal clash, or have another cause.
            reasons.extend(Some(reason).filter(|_| !matrix.is_spent()));
        }
    }
    reasons
}

/// What would be mended: the machine's facts and the manifest's pins, or where there are none, the frameworks' versions, or
/// at last a framework.
fn mendable(minimal: &FactSet) -> Vec<Fact> {
    let pins = |fact: &Fact| !matches!(fact, Fact::Framework(_) | Fact::Version(_));
    let versions = |fact: &Fact| matches!(fact, Fact::Version(_));
    let mut mendable = minimal.iter().filter(pins).collect::<Vec<_>>();
    if mendable.is_empty() {
        mendable = minimal.iter().filter(versions).collect();
    }
    if mendable.is_empty() {
        mendable = minimal.iter().last().into_iter().collect();
    }
    mendable
}

fn understand(request: &Request, matrix: &Known<'_>, facts: FactSet) -> Reason {
    let problem = Problem::new(request, matrix, &facts);
    let cause = find(&problem);
    let kinds = kinds(request, &problem, &cause);
    let message = message::message(request, &problem, &facts, &cause);
    Reason { facts, kinds, message }
}

/// Looks for the cause in the order in which a person would.
fn find<'a>(problem: &Problem<'a>) -> Cause<'a> {
    if let Some(clash) = problem.driver_clash() {
        return Cause::Driver(clash);
    }
    if problem.frameworks.is_empty() {
        return find_bare(problem);
    }
    let mut domains = Vec::new();
    for wanted in &problem.frameworks {
        let all = survey(problem, wanted);
        if wanted.candidates().next().is_none() {
            return Cause::NoSuchVersion;
        }
        let free =
            all.iter().filter(|(_, obstacle)| obstacle.is_none()).map(|(candidate, _)| *candidate).collect::<Vec<_>>();
        if free.is_empty() {
            return Cause::Builds { wanted: wanted.clone(), refused: furthest(all) };
        }
        domains.push(free);
    }
    find_joint(problem, domains)
}

/// Every build of every release that counts, with what keeps it from fitting.
fn survey<'a>(problem: &Problem<'a>, wanted: &Wanted<'a>) -> Vec<(Candidate<'a>, Option<Obstacle>)> {
    let mut all = Vec::new();
    let mut obstacles = Obstacles::in_problem(problem);
    for (place, release) in wanted.candidates() {
        let builds = wanted.builds(problem, place, release);
        if builds.is_empty() {
            let cpu = release.builds.first().map(|build| Candidate { place, release, build });
            all.extend(cpu.map(|candidate| (candidate, Some(Obstacle::NoGpuBuild))));
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

fn find_bare<'a>(problem: &Problem<'a>) -> Cause<'a> {
    if problem.is_bare_cuda() {
        let obstacles = bare_candidates(problem).map(|row| bare_obstacle(problem, row)).collect::<Vec<_>>();
        if obstacles.is_empty() {
            return Cause::NoSuchVersion;
        }
        if let Some(all) = obstacles.into_iter().collect::<Option<Vec<_>>>() {
            return Cause::BareCuda(all);
        }
    }
    let row = bare_candidates(problem).find(|row| bare_obstacle(problem, row).is_none());
    let cuda = row.filter(|_| problem.is_bare_cuda()).map(|row| &row.version);
    let nowhere = super::base::place(problem, &[], cuda).err();
    Cause::Nowhere(nowhere.unwrap_or(NoPlace::UnknownBase))
}

/// Each framework has builds that fit by themselves: what keeps them apart?
fn find_joint<'a>(problem: &Problem<'a>, fitting: Vec<Vec<Candidate<'a>>>) -> Cause<'a> {
    let domains = fitting.into_iter().map(|fitting| Domain::new(problem, fitting)).collect::<Vec<_>>();
    let nowhere = |chosen: Vec<&Member<'a>>| finish(problem, candidates(&chosen)).err();
    if let Some(nowhere) = completion::company(problem, &domains).and_then(nowhere) {
        return Cause::Nowhere(nowhere);
    }
    if domains.len() == 1 || completion::share_a_python(problem, &domains) { Cause::Packages } else { Cause::Pythons }
}

fn kinds(request: &Request, problem: &Problem<'_>, cause: &Cause<'_>) -> Vec<ConflictKind> {
    let of_place = |place: &NoPlace| match place {
        NoPlace::Python => ConflictKind::PythonUnsupported,
        NoPlace::UnknownBase | NoPlace::Image(_) => ConflictKind::NoBaseImage,
        NoPlace::Arch => ConflictKind::ArchUnsupported,
        NoPlace::Glibc => ConflictKind::GlibcTooOld,
    };
    let all: Vec<ConflictKind> = match cause {
        Cause::Driver(DriverClash::TooNew { .. }) => vec![ConflictKind::DriverTooNew],
        Cause::Driver(DriverClash::TooOld { .. }) => vec![ConflictKind::DriverTooOld],
        // With a framework, a CUDA that never was is one that nothing is built for.
        Cause::NoSuchVersion if problem.frameworks.is_empty() && !request.frameworks.is_empty() => {
            vec![ConflictKind::CudaUnsupported]
        }
        Cause::NoSuchVersion => vec![ConflictKind::NoSuchVersion],
        Cause::Builds { refused, .. } => refused.iter().map(|(_, obstacle)| kind(*obstacle)).collect(),
        Cause::BareCuda(obstacles) => obstacles.iter().map(|obstacle| kind(*obstacle)).collect(),
        Cause::Pythons => vec![ConflictKind::PythonUnsupported],
        Cause::Packages => vec![ConflictKind::PackageConflict],
        Cause::Nowhere(place) => vec![of_place(place)],
    };
    let mut kinds = Vec::new();
    for kind in all {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn kind(obstacle: Obstacle) -> ConflictKind {
    match obstacle {
        Obstacle::Version => ConflictKind::NoSuchVersion,
        Obstacle::NoGpuBuild | Obstacle::Cuda => ConflictKind::CudaUnsupported,
        Obstacle::Arch => ConflictKind::ArchUnsupported,
        Obstacle::Python => ConflictKind::PythonUnsupported,
        Obstacle::Cudnn | Obstacle::CudnnKernels(_) => ConflictKind::CudnnMismatch,
        Obstacle::Glibc => ConflictKind::GlibcTooOld,
        Obstacle::Gpu(_) => ConflictKind::GpuArchUnsupported,
        Obstacle::Driver => ConflictKind::DriverTooOld,
    }
}

/// A fact as it is told. A framework and its version are one.
fn told(request: &Request, facts: &FactSet, fact: Fact) -> Option<ConflictFact> {
    let asked = |what: &str, value: String, source: &str, span: &Option<std::ops::Range<usize>>| {
        Some(ConflictFact { what: what.to_owned(), value, source: source.to_owned(), span: span.clone() })
    };
    match fact {
        Fact::Framework(index) => {
            let (id, wish) = request.frameworks.iter().nth(index)?;
            let version = &wish.version;
            let pinned = facts.has(Fact::Version(index)) && version.value.text() != "*";
            let value = if pinned { version.value.text().to_owned() } else { "any version".to_owned() };
            asked(id.as_str(), value, &version.source, &version.span)
        }
        Fact::Version(_) => None,
        Fact::Python => request.python.as_ref().and_then(|a| asked("Python", a.value.to_string(), &a.source, &a.span)),
        Fact::Cuda => request.cuda.as_ref().and_then(|a| asked("CUDA", a.value.to_string(), &a.source, &a.span)),
        Fact::Cudnn => request.cudnn.as_ref().and_then(|a| asked("cuDNN", a.value.to_string(), &a.source, &a.span)),
        Fact::Toolkit => {
            let toolkit = request.toolkit.as_ref()?;
            asked("CUDA toolkit", format!("{:?}", toolkit.value).to_lowercase(), &toolkit.source, &toolkit.span)
        }
        Fact::Base => match &request.base {
            Base::Open => None,
            Base::Distribution(a) | Base::Image(a) => asked("base", a.value.clone(), &a.source, &a.span),
        },
        Fact::Arch => {
            let arch = request.target.arch.as_ref()?;
            asked("architecture", words::arch(arch.value).to_owned(), &arch.source, &arch.span)
        }
        Fact::Driver => match &request.target.driver {
            TargetDriver::Version(a) => asked("NVIDIA driver", a.value.to_string(), &a.source, &a.span),
            _ => None,
        },
        Fact::Gpu(index) => {
            let gpu = request.target.gpus.get(index)?;
            let capability = gpu.value.capability.to_string();
            let value = if gpu.value.name == capability {
                format!("compute capability {capability}")
            } else {
                format!("{} (compute capability {capability})", gpu.value.name)
            };
            asked("GPU", value, &gpu.source, &gpu.span)
        }
    }
}
