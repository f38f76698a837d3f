//! The single way to get a lock for a verb.
//!
//! Every verb asks the same question about the same manifest on the same host, so all verbs get the same answer.

use super::work::Effects;
use crate::error::Error;
use crate::event::Sink;
use crate::files::RootedDirectory;
use crate::grants::{self, Agreed, Allowance, GrantKind};
use crate::host::HostFacts;
use crate::lock::{self, Ensured, LockFile, LockSources, LockUse, OldFormat, Question, Upgrade};
use crate::manifest::{Arch, Manifest};
use crate::matrix::Matrix;
use crate::packages::{self, SourceBuilds, SourceRunner};
use crate::project::{Environment, write};
use crate::resolve::{Overrides, Request};
use crate::system::System;

/// A request for a lock.
#[derive(Clone, Copy)]
pub struct LockOrder<'a> {
    pub environment: &'a Environment,
    pub system: &'a System,
    pub matrix: &'a Matrix,
    pub agreed: &'a Agreed<'a>,
    /// The target machine; `None`: any machine.
    pub facts: Option<&'a HostFacts>,
    pub overrides: &'a Overrides,
    pub usage: LockUse,
    pub upgrade: &'a Upgrade,
    /// `--allow`
    pub allowed: &'a [Allowance],
    /// Whether a new lock may be written.
    pub effects: Effects,
    pub old_format: OldFormat,
    /// Where code of packages runs, if the user agreed.
    pub runner: Option<&'a dyn SourceRunner>,
}

/// Adds to a request what the project's files ask of frameworks.
pub fn steered(
    request: Request,
    manifest: &Manifest,
    project: &RootedDirectory,
    matrix: &Matrix,
) -> Result<Request, Error> {
    let paths = manifest.python.requirements.iter().map(|file| &file.value);
    let (files, bad) = packages::files::read_usable(project, paths)?;
    let arch = request.target.arch.as_ref().map_or(Arch::X86_64, |asked| asked.value);
    let lines = packages::framework_lines(manifest, &files, matrix, arch, bad)?;
    Ok(request.steered(lines))
}

impl LockOrder<'_> {
    /// Returns the lock for the manifest. `digest` returns the digest that a registry has for a new base image.
    ///
    /// With `--cpu`, the team's lock is used if it is for the CPU. Otherwise a separate lock is kept in the state
    /// directory, because one user's exception is not the team's decision.
    pub async fn ensure(
        &self,
        digest: impl AsyncFn(&str) -> Option<String>,
        sink: &dyn Sink,
    ) -> Result<Ensured, Error> {
        let Self {
            environment,
            system,
            matrix,
            agreed,
            facts,
            overrides,
            usage,
            upgrade,
            allowed,
            effects,
            old_format,
            runner,
        } = *self;
        let request = Request::new(&environment.manifest, facts, overrides, matrix)?;
        let own = environment.directory.join("cpu.lock");
        let directory = &environment.project.directory;
        let request = steered(request, &environment.manifest, directory, matrix)?;
        let builds = agreed.covers_package_builds();
        let foreign = grants::is_allowed(GrantKind::LockSources, allowed);
        let team = Question {
            agreed,
            request: &request,
            matrix,
            system,
            project: directory,
            file: LockFile::Team(&environment.project),
            usage,
            upgrade,
            builds: if builds { SourceBuilds::Allowed } else { SourceBuilds::Refused },
            runner,
            sources: if foreign { LockSources::Any } else { LockSources::Known },
            writes: effects == Effects::Allowed,
            old_format,
        };
        if !overrides.cpu || usage != LockUse::Normal {
            return lock::ensure(team, &digest, sink).await;
        }
        if let Ok(fits) = lock::ensure(Question { usage: LockUse::Locked, ..team }, &digest, sink).await {
            return Ok(fits);
        }
        if effects == Effects::Allowed {
            write::private_directory(&environment.directory)?;
        }
        lock::ensure(Question { file: LockFile::Own(&own, directory), ..team }, digest, sink).await
    }
}
