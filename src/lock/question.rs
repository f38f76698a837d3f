//! The question that a lock must answer, and what an existing lock is checked against.

use super::{Grounds, Lock, LockError, LockFile, LockSources, LockUse, ProjectGrounds, Upgrade, WrittenLock};
use crate::error::Result;
use crate::files::RootedDirectory;
use crate::grants::Agreed;
use crate::matrix::Matrix;
use crate::packages::files::{self, ReadFile};
use crate::packages::{PackagesError, SourceBuilds, SourceMetadata, SourceRunner};
use crate::resolve::Request;
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
    pub file: LockFile<'a>,
    pub usage: LockUse,
    pub upgrade: &'a Upgrade,
    pub builds: SourceBuilds,
    /// Where code of packages runs, if the user agreed. `None`: there is no such place.
    pub runner: Option<&'a dyn SourceRunner>,
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
    pub(super) fn files(&self) -> Result<Vec<ReadFile>> {
        let requirements = self.agreed.manifest().python.requirements.iter().map(|file| &file.value);
        let files = files::read(self.project, requirements)?;
        only_agreed_hosts(self.agreed, &files)?;
        Ok(files)
    }

    /// Checks that the user agreed to run the code of the packages whose needs only their code says.
    pub(super) fn agreed_to(&self, lock: &Lock) -> Result<(), LockError> {
        let dynamic = lock.packages.iter().filter(|package| package.built == Some(SourceMetadata::Dynamic));
        let packages: Vec<String> = dynamic.map(|package| package.name.clone()).collect();
        if self.builds == SourceBuilds::Allowed || packages.is_empty() {
            return Ok(());
        }
        Err(LockError::BuildsNotAgreed { path: self.file.path(), packages })
    }

    /// The existing lock, after a check that every name in it is known or agreed to.
    pub(super) fn trusted(&self, written: WrittenLock, files: &[ReadFile]) -> Result<Lock, LockError> {
        match self.sources {
            LockSources::Any => Ok(written.lock),
            LockSources::Known => written.trusted(&self.grounds(files)),
        }
    }

    /// The choices of the existing lock, for new packages with the same frameworks.
    pub(super) fn trusted_choices(&self, written: WrittenLock, files: &[ReadFile]) -> Result<Lock, LockError> {
        match self.sources {
            LockSources::Any => Ok(written.lock),
            LockSources::Known => written.trusted_choices(&self.grounds(files)),
        }
    }

    fn grounds<'a>(&'a self, files: &'a [ReadFile]) -> Grounds<'a> {
        Grounds { matrix: self.matrix, project: Some(ProjectGrounds { manifest: self.agreed.manifest(), files }) }
    }
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
