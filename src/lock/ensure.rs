//! Returns an up-to-date lock: reuses the file, or resolves the frameworks, completes their packages and writes the
//! file.
//!
//! Every reason for a new file is a value ([`Written`]), so that a command can report it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::packages_search::{Found, PackagesSearch, SearchGround};
use super::packages_ways::ways_out;
use super::refused::PackagesRefused;
use super::system_packages::system_packages;
use super::{
    Input, Lock, LockError, LockUse, LockedTarget, OldFormat, Question, Stale, Upgrade, WrittenLock, inputs, staleness,
};
use crate::error::Result;
use crate::event::{Event, Notice, OlderPackage, PackagesTry, Sink, Stage, StageSubject};
use crate::matrix::Matrix;
use crate::packages::files::ReadFile;
use crate::packages::{PackageClosure, PackageResolver, PackagesError, Preferences, Refusal, SourceBuilds};
use crate::resolve::{Decision, Request, resolve};

/// The largest number of runs of uv for one lock.
const RUNS: usize = 32;

/// A lock and its history.
#[derive(Clone, Debug)]
pub struct Ensured {
    pub lock: Lock,
    /// The path of its file.
    pub path: PathBuf,
    pub written: Written,
    /// The choices that the packages refused before this one.
    pub tried: Vec<PackagesTry>,
    /// The packages that are old because nothing is built.
    pub older: Vec<OlderPackage>,
}

/// Whether the file changed, and the reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// The lock was fresh, or it was not checked.
    Unchanged,
    /// No lock existed.
    New,
    /// The lock no longer answered the question.
    Renewed(Vec<Stale>),
    /// The lock answered the question but had an older format.
    Rewritten,
    /// The user asked for newer versions.
    Upgraded,
}

/// Returns a lock that answers the question. `digest` asks a registry for the digest of a base image. It is called only
/// after a new resolution, and can return none.
pub async fn ensure(
    question: Question<'_>,
    digest: impl AsyncFnOnce(&str) -> Option<String>,
    sink: &dyn Sink,
) -> Result<Ensured> {
    let ensured = any_lock(question, digest, sink).await?;
    question.agreed_to(&ensured.lock)?;
    Ok(ensured)
}

/// As [`ensure`], for a lock whose builds nobody agreed to as well.
async fn any_lock(
    question: Question<'_>,
    digest: impl AsyncFnOnce(&str) -> Option<String>,
    sink: &dyn Sink,
) -> Result<Ensured> {
    let Question { agreed, request, file, usage, upgrade, old_format, .. } = question;
    let (manifest, path) = (agreed.manifest(), file.path());
    let old = file.read()?;
    if usage == LockUse::Frozen {
        let Some(written) = old else { return Err(LockError::Missing { path }.into()) };
        let lock = question.trusted(written, &question.files()?)?;
        return Ok(Ensured { lock, path, written: Written::Unchanged, tried: Vec::new(), older: Vec::new() });
    }
    let files = question.files()?;
    let asked = inputs(manifest, &request.gpu, &files, &request.lines);
    let Some(old) = old else {
        if usage == LockUse::Locked {
            return Err(LockError::Missing { path }.into());
        }
        let RenewedLock { lock, tried, older } = renew(question, None, &[], asked, &files, digest, sink).await?;
        return Ok(Ensured { lock, path, written: Written::New, tried, older });
    };
    let reasons = staleness(&old.lock, &asked, request, question.matrix);
    if reasons.is_empty() && *upgrade == Upgrade::Nothing {
        let rewritten =
            question.writes && old.is_old() && old_format == OldFormat::Rewritten && usage == LockUse::Normal;
        let lock = Lock { inputs: asked, ..question.trusted(old, &files)? };
        if rewritten {
            file.write(&lock)?;
        }
        let written = if rewritten { Written::Rewritten } else { Written::Unchanged };
        return Ok(Ensured { lock, path, written, tried: Vec::new(), older: Vec::new() });
    }
    if usage == LockUse::Locked {
        return Err(LockError::Stale { path, reasons }.into());
    }
    let RenewedLock { lock, tried, older } = renew(question, Some(&old), &reasons, asked, &files, digest, sink).await?;
    let written = match (lock == old.lock && !old.is_old(), *upgrade == Upgrade::Nothing) {
        (true, _) => Written::Unchanged,
        (false, true) => Written::Renewed(reasons),
        (false, false) => Written::Upgraded,
    };
    Ok(Ensured { lock, path, written, tried, older })
}

/// A new lock and its history.
struct RenewedLock {
    lock: Lock,
    tried: Vec<PackagesTry>,
    older: Vec<OlderPackage>,
}

/// A decision with its packages and its history.
struct Decided {
    found: Found,
    tried: Vec<PackagesTry>,
    older: Vec<OlderPackage>,
}

/// Resolves and writes. Parts that the question does not touch stay: the frameworks if only packages changed, and every
/// package version that still fits. Parts that stay must be known. From a lock that is resolved again, only versions
/// are preferred, and the digest of a base that the data contains.
async fn renew(
    question: Question<'_>,
    written: Option<&WrittenLock>,
    reasons: &[Stale],
    asked: BTreeMap<String, Input>,
    files: &[ReadFile],
    digest: impl AsyncFnOnce(&str) -> Option<String>,
    sink: &dyn Sink,
) -> Result<RenewedLock> {
    let Question { request, file, upgrade, writes, .. } = question;
    let old = written.map(|written| &written.lock);
    let moved = UpgradeScope::new(old, upgrade, &file.path())?;
    let stays = written.filter(|_| !moved.frameworks && reasons.iter().all(Stale::concerns_packages_only));
    let kept = stays.map(|written| question.trusted_choices(written.clone(), files)).transpose()?;
    let kept = kept.as_ref();
    let preferences = Preferences {
        locked: old.map_or(&[][..], |lock| &lock.packages),
        upgrade: &moved.packages,
        builds: old.map_or(&[][..], |lock| &lock.builds),
    };
    let Decided { found: Found { decision, closure }, tried, older } =
        Box::pin(decide(question, files, preferences, kept, sink)).await?;
    let PackageClosure { packages, builds } = closure;
    let same_base = kept.or(old).filter(|lock| lock.decision.base_image == decision.base_image);
    let base_digest = match same_base.filter(|_| !moved.frameworks).and_then(|lock| lock.base_digest.clone()) {
        Some(digest) => Some(digest),
        None => digest(&decision.base_image).await,
    };
    let system_packages = system_packages(&decision, &packages);
    let lock = Lock {
        inputs: asked,
        target: kept.map_or_else(|| LockedTarget::from(&request.target), |lock| lock.target.clone()),
        decision,
        base_digest,
        packages,
        builds,
        system_packages,
    };
    if writes && (old != Some(&lock) || written.is_some_and(WrittenLock::is_old)) {
        file.write(&lock)?;
    }
    Ok(RenewedLock { lock, tried, older })
}

/// Decides frameworks, Python and packages together. The choices of a kept lock stay.
async fn decide(
    question: Question<'_>,
    files: &[ReadFile],
    preferences: Preferences<'_>,
    kept: Option<&Lock>,
    sink: &dyn Sink,
) -> Result<Decided> {
    let Question { agreed, request, matrix, system, project, .. } = question;
    let first = kept.map_or_else(|| preferred(request, matrix, sink), |lock| Ok(lock.decision.clone()))?;
    let resolver = PackageResolver::open(agreed, system, project, question.runner, sink).await?;
    let ground = SearchGround { question, resolver: &resolver, files, preferences, loosened: None, sink };
    let mut search = PackagesSearch::new(ground, RUNS);
    let found = match kept {
        Some(_) => search.lock(&first).await?.map(|closure| Found { decision: first.clone(), closure }),
        None => search.over(request, first.clone()).await?,
    };
    let found = match found {
        None if question.builds == SourceBuilds::Refused && search.needs_build() => {
            from_sources(ground, &first).await?
        }
        found => found,
    };
    let (is_complete, is_possible) = (!search.is_spent(), !search.rules_out(&first.python));
    let older = match &found {
        Some(found) => search.older(found).await,
        None => Vec::new(),
    };
    let PackagesSearch { tried, first: refusal, .. } = search;
    match (found, refusal) {
        (Some(found), _) => {
            if !older.is_empty() {
                sink.emit(Notice::OlderWithoutBuilds(older.clone()).into());
            }
            if !tried.is_empty() {
                sink.emit(Notice::WentBack { tried: tried.clone(), found: found.choice() }.into());
            }
            Ok(Decided { found, tried, older })
        }
        (None, Some(PackagesError::Conflict(refusal))) => {
            let ways_out = ways_out(ground, &first, &refusal.packages, kept.is_some(), is_possible).await?;
            let Refusal { explanation, needs_build, .. } = *refusal;
            Err(PackagesRefused { explanation, needs_build, tried, is_complete, ways_out }.into())
        }
        (None, Some(other)) => Err(other.into()),
        (None, None) => unreachable!("a search without a result has a first refusal"),
    }
}

/// The packages beside the first decision, with sources that write down what they need. So no code of them runs.
async fn from_sources(ground: SearchGround<'_>, first: &Decision) -> Result<Option<Found>> {
    let question = Question { builds: SourceBuilds::Static, ..ground.question };
    let mut search = PackagesSearch::new(SearchGround { question, ..ground }, 1);
    Ok(search.lock(first).await?.map(|closure| Found { decision: first.clone(), closure }))
}

/// The resolver's preferred answer.
fn preferred(request: &Request, matrix: &Matrix, sink: &dyn Sink) -> Result<Decision> {
    sink.emit(Event::Stage { stage: Stage::Resolve, subject: StageSubject::Stack });
    let decision = resolve(request, matrix)?.decision;
    let names = decision.frameworks.iter().map(|framework| format!("{} {}", framework.name, framework.version));
    let result = if decision.frameworks.is_empty() {
        StageSubject::Python(decision.python.to_string())
    } else {
        StageSubject::Frameworks(names.collect())
    };
    sink.emit(Event::StageDone { stage: Stage::Resolve, result });
    Ok(decision)
}

/// The parts of a lock that `--upgrade` changes.
#[derive(Default)]
struct UpgradeScope {
    frameworks: bool,
    packages: Vec<String>,
}

impl UpgradeScope {
    fn new(old: Option<&Lock>, upgrade: &Upgrade, path: &Path) -> Result<Self, LockError> {
        let (Some(old), Upgrade::Only(name)) = (old, upgrade) else {
            let all = old.filter(|_| *upgrade == Upgrade::All);
            let packages = all.into_iter().flat_map(|lock| &lock.packages).map(|package| package.name.clone());
            return Ok(Self { frameworks: all.is_some(), packages: packages.collect() });
        };
        let name = name.as_str();
        if old.decision.frameworks.iter().any(|one| one.name.as_str() == name || one.package == name) {
            return Ok(Self { frameworks: true, packages: Vec::new() });
        }
        if old.packages.iter().any(|package| package.name == name) {
            return Ok(Self { frameworks: false, packages: vec![name.to_owned()] });
        }
        let names = old.packages.iter().map(|package| package.name.as_str());
        let near = names.filter(|known| strsim::damerau_levenshtein(known, name) <= 2).min().map(str::to_owned);
        Err(LockError::NoSuchPackage { path: path.to_path_buf(), name: name.to_owned(), near })
    }
}
