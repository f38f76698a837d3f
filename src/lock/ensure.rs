//! Returns an up-to-date lock: reuses the file, or resolves the frameworks, completes their packages and writes the
//! file.
//!
//! Every reason for a new file is a value ([`Written`]), so that a command can report it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    Grounds, Input, Lock, LockError, LockFile, LockSources, LockUse, LockedTarget, ProjectGrounds, Stale, Upgrade,
    WrittenLock, inputs, staleness,
};
use crate::error::Result;
use crate::event::{Event, Sink, Stage, StageSubject};
use crate::files::RootedDirectory;
use crate::grants::Agreed;
use crate::matrix::Matrix;
use crate::packages::files::{self, ReadFile};
use crate::packages::{ClosureRequest, PackagesError, Preferences, SourceBuilds, closure};
use crate::resolve::{Decision, Request, resolve};
use crate::system::System;

/// The question that a lock must answer, and the way to use the file.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub agreed: &'a Agreed<'a>,
    pub request: &'a Request,
    pub matrix: &'a Matrix,
    pub system: &'a System,
    /// The manifest's directory.
    pub project: &'a RootedDirectory,
    /// The lock's file.
    pub file: LockFile<'a>,
    pub usage: LockUse,
    pub upgrade: &'a Upgrade,
    pub builds: SourceBuilds,
    /// The names that the existing lock may contain.
    pub sources: LockSources,
    /// Whether a new lock is written to its file, or only computed.
    pub writes: bool,
    pub old_format: OldFormat,
}

/// The treatment of a lock that answers the question but has an older format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldFormat {
    /// The file stays unchanged.
    Kept,
    /// The file is written in the current format, with the same decisions.
    Rewritten,
}

impl Question<'_> {
    /// The project's requirements files.
    fn files(&self) -> Result<Vec<ReadFile>> {
        let requirements = self.agreed.manifest().python.requirements.iter().map(|file| file.value.as_str());
        let files = files::read(self.project, requirements)?;
        only_agreed_hosts(self.agreed, &files)?;
        Ok(files)
    }

    /// The existing lock, after a check that every name in it is known or agreed to.
    fn trusted(&self, written: WrittenLock, files: &[ReadFile]) -> Result<Lock, LockError> {
        match self.sources {
            LockSources::Any => Ok(written.lock),
            LockSources::Known => written.trusted(&self.grounds(files)),
        }
    }

    /// The choices of the existing lock, for new packages with the same frameworks.
    fn trusted_choices(&self, written: WrittenLock, files: &[ReadFile]) -> Result<Lock, LockError> {
        match self.sources {
            LockSources::Any => Ok(written.lock),
            LockSources::Known => written.trusted_choices(&self.grounds(files)),
        }
    }

    fn grounds<'a>(&'a self, files: &'a [ReadFile]) -> Grounds<'a> {
        Grounds { matrix: self.matrix, project: Some(ProjectGrounds { manifest: self.agreed.manifest(), files }) }
    }
}

/// A lock and its history.
#[derive(Clone, Debug)]
pub struct Ensured {
    pub lock: Lock,
    /// The path of its file.
    pub path: PathBuf,
    pub written: Written,
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
    let Question { agreed, request, file, usage, upgrade, old_format, .. } = question;
    let (manifest, path) = (agreed.manifest(), file.path());
    let old = file.read()?;
    if usage == LockUse::Frozen {
        let Some(written) = old else { return Err(LockError::Missing { path }.into()) };
        let lock = question.trusted(written, &question.files()?)?;
        return Ok(Ensured { lock, path, written: Written::Unchanged });
    }
    let files = question.files()?;
    let asked = inputs(manifest, &request.gpu, &files);
    let Some(old) = old else {
        if usage == LockUse::Locked {
            return Err(LockError::Missing { path }.into());
        }
        let lock = renew(question, None, &[], asked, &files, digest, sink).await?;
        return Ok(Ensured { lock, path, written: Written::New });
    };
    let reasons = staleness(&old.lock, &asked, request);
    if reasons.is_empty() && *upgrade == Upgrade::Nothing {
        let rewritten =
            question.writes && old.is_old() && old_format == OldFormat::Rewritten && usage == LockUse::Normal;
        let lock = Lock { inputs: asked, ..question.trusted(old, &files)? };
        if rewritten {
            file.write(&lock)?;
        }
        let written = if rewritten { Written::Rewritten } else { Written::Unchanged };
        return Ok(Ensured { lock, path, written });
    }
    if usage == LockUse::Locked {
        return Err(LockError::Stale { path, reasons }.into());
    }
    let lock = renew(question, Some(&old), &reasons, asked, &files, digest, sink).await?;
    let written = match (lock == old.lock && !old.is_old(), *upgrade == Upgrade::Nothing) {
        (true, _) => Written::Unchanged,
        (false, true) => Written::Renewed(reasons),
        (false, false) => Written::Upgraded,
    };
    Ok(Ensured { lock, path, written })
}

/// Checks that requirements files name no new address since the user agreed.
fn only_agreed_hosts(agreed: &Agreed<'_>, files: &[ReadFile]) -> Result<(), PackagesError> {
    for file in files {
        let hosts = file.content.requirements.iter().filter_map(|found| found.requirement.url_host());
        if let Some(host) = hosts.into_iter().find(|host| !agreed.covers_package_host(host)) {
            return Err(PackagesError::HostNotAgreed { path: file.path.clone(), host });
        }
    }
    Ok(())
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
) -> Result<Lock> {
    let Question { agreed, request, matrix, system, project, file, upgrade, builds, writes, .. } = question;
    let old = written.map(|written| &written.lock);
    let moved = UpgradeScope::new(old, upgrade, &file.path())?;
    let stays = written.filter(|_| !moved.frameworks && reasons.iter().all(Stale::concerns_packages_only));
    let kept = stays.map(|written| question.trusted_choices(written.clone(), files)).transpose()?;
    let kept = kept.as_ref();
    let decision = match kept {
        Some(lock) => lock.decision.clone(),
        None => decide(request, matrix, sink)?,
    };
    let preferences = Preferences { locked: old.map_or(&[][..], |lock| &lock.packages), upgrade: &moved.packages };
    let closed = ClosureRequest { agreed, decision: &decision, files, preferences, builds };
    let packages = closure(closed, system, project, sink).await?;
    let same_base = kept.or(old).filter(|lock| lock.decision.base_image == decision.base_image);
    let base_digest = match same_base.filter(|_| !moved.frameworks).and_then(|lock| lock.base_digest.clone()) {
        Some(digest) => Some(digest),
        None => digest(&decision.base_image).await,
    };
    let lock = Lock {
        inputs: asked,
        target: kept.map_or_else(|| LockedTarget::from(&request.target), |lock| lock.target.clone()),
        decision,
        base_digest,
        packages,
    };
    if writes && (old != Some(&lock) || written.is_some_and(WrittenLock::is_old)) {
        file.write(&lock)?;
    }
    Ok(lock)
}

fn decide(request: &Request, matrix: &Matrix, sink: &dyn Sink) -> Result<Decision> {
    sink.emit(Event::Stage { stage: Stage::Resolve, subject: StageSubject::Stack });
    let decision = resolve(request, matrix)?.decision;
    let names = decision.frameworks.iter().map(|framework| format!("{} {}", framework.name, framework.version));
    let result = StageSubject::Frameworks(names.collect());
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
        if old.decision.frameworks.iter().any(|one| one.name.as_str() == name || one.package == *name) {
            return Ok(Self { frameworks: true, packages: Vec::new() });
        }
        if old.packages.iter().any(|package| package.name == *name) {
            return Ok(Self { frameworks: false, packages: vec![name.clone()] });
        }
        let names = old.packages.iter().map(|package| package.name.as_str());
        let near = names.filter(|known| strsim::damerau_levenshtein(known, name) <= 2).min().map(str::to_owned);
        Err(LockError::NoSuchPackage { path: path.to_path_buf(), name: name.clone(), near })
    }
}
