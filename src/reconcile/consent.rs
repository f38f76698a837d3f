//! The only way to get an [`Agreed`] manifest.
//!
//! This file collects the necessary facts of this host, asks for the grants that are missing, and stores the answer
//! in the environment's state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::desired::ID_LABEL;
use super::error::snippet_of;
use super::work::{Ask, Work};
use super::{ReconcileError, env_file, named_file};
use crate::engine::{Engine, VolumeStore};
use crate::error::Error;
use crate::files::{self, RootedDirectory, TextBudget, real_path};
use crate::grants::{self, Agreed, Allowance, Consents, EnvFileName, Grant, Phase, Surroundings};
use crate::manifest::{Manifest, MountSource, NotYet, Origin, host_path};
use crate::packages::{files as requirements_files, trust};
use crate::project::{Environment, State};
use crate::system::System;

/// The inputs of a request for consent.
pub struct Asking<'a> {
    /// The project and its manifest.
    pub environment: &'a Environment,
    pub system: &'a System,
    /// `--allow` of this command.
    pub allowed: &'a [Allowance],
    /// The next step of the verb.
    pub phase: Phase,
    /// The verb, as hints name it.
    pub verb: &'static str,
}

/// Returns the manifest with the consent of the user who runs the command. Keys that this version does not support
/// are refused before any question.
pub async fn agree<'a>(
    work: &Work<'a, impl Engine>,
    state: &mut State,
    phase: Phase,
    ask: &dyn Ask,
) -> Result<Agreed<'a>, Error> {
    refuse_unsupported(&work.environment.manifest)?;
    let assets = EngineAssets::find(work.engine, work.environment, phase).await?;
    Asking::of(work, phase).agree(&assets, state, |grants| ask.grant(grants))
}

/// Refuses keys that this version reads but does not support: an environment without them is not the one the user
/// asked for.
pub fn refuse_unsupported(manifest: &Manifest) -> Result<(), ReconcileError> {
    match manifest.not_yet().into_iter().next() {
        None => Ok(()),
        Some(NotYet { key, span }) => {
            Err(ReconcileError::NotYet { key, at: snippet_of(manifest, span.as_ref(), "this key") })
        }
    }
}

/// Refuses a value of `--allow` that matches no grant, for an `up` without other work. Without such a value it reads
/// nothing.
pub async fn check_allowed(work: &Work<'_, impl Engine>, state: &State) -> Result<(), Error> {
    if !work.options.allow.iter().any(|given| given.object.is_some()) {
        return Ok(());
    }
    let assets = EngineAssets::find(work.engine, work.environment, Phase::Run).await?;
    Asking::of(work, Phase::Run).missing(&assets, state).map(|_| ())
}

impl<'a> Asking<'a> {
    /// The inputs for a verb that works on an environment.
    #[must_use]
    pub fn of(work: &Work<'a, impl Engine>, phase: Phase) -> Self {
        let Work { environment, system, options, .. } = *work;
        let verb = if phase == Phase::Run { "up" } else { "build" };
        Self { environment, system, allowed: &options.allow, phase, verb }
    }

    /// Returns the manifest if the user agreed to everything. New consent is saved in `state` at once, so that a
    /// later failure does not repeat the question.
    pub fn agree(
        &self,
        assets: &EngineAssets,
        state: &mut State,
        ask: impl FnOnce(&[Grant]) -> bool,
    ) -> Result<Agreed<'a>, Error> {
        let (agreed, tokens) = self.judge(assets, state, ask)?;
        if !tokens.is_subset(&state.grants) {
            state.grants.extend(tokens);
            state.save(&self.environment.directory)?;
        }
        Ok(agreed)
    }

    /// As [`Self::agree`], but for this run only: nothing is stored.
    pub fn agree_once(
        &self,
        assets: &EngineAssets,
        state: &State,
        ask: impl FnOnce(&[Grant]) -> bool,
    ) -> Result<Agreed<'a>, Error> {
        Ok(self.judge(assets, state, ask)?.0)
    }

    /// Returns the grants that are missing. Asks nobody.
    pub fn missing(&self, assets: &EngineAssets, state: &State) -> Result<Vec<Grant>, Error> {
        let gathered = self.gather()?;
        let manifest = &self.environment.manifest;
        Ok(grants::missing(manifest, &gathered.surroundings(self, assets), self.phase, self.consents(state))?)
    }

    fn judge(
        &self,
        assets: &EngineAssets,
        state: &State,
        ask: impl FnOnce(&[Grant]) -> bool,
    ) -> Result<(Agreed<'a>, BTreeSet<String>), Error> {
        let gathered = self.gather()?;
        let manifest = &self.environment.manifest;
        Ok(grants::agree(manifest, &gathered.surroundings(self, assets), self.phase, self.consents(state), ask)?)
    }

    fn consents<'b>(&'b self, state: &'b State) -> Consents<'b> {
        Consents { allowed: self.allowed, remembered: &state.grants, verb: self.verb }
    }

    fn gather(&self) -> Result<Gathered, Error> {
        let Self { environment, system, .. } = self;
        let (manifest, project) = (&environment.manifest, &environment.project.directory);
        named_file::check_inside(manifest, project, &system.home())?;
        Ok(Gathered {
            home: system.home(),
            trusted: trusted_directories(system),
            mounts: mount_sources(manifest, &environment.project.root, &system.home()),
            variables: env_file_names(manifest, project, system),
            package_hosts: package_hosts(manifest, project)?,
            certificates: trust::digests(&manifest.network.ca_certificates.value, project, system),
        })
    }
}

/// Returns the directories that decide which servers and files the caller's envctl and ssh trust.
#[must_use]
pub fn trusted_directories(system: &System) -> Vec<PathBuf> {
    let own = [system.config_home(), system.state_home(), system.data_home(), system.cache_home()];
    own.into_iter().chain([system.home().join(".ssh")]).collect()
}

/// Objects of an engine that a manifest may name without a right to them.
#[derive(Clone, Debug, Default)]
pub struct EngineAssets {
    /// The engine's socket on this host.
    socket: Option<PathBuf>,
    /// Volumes of other environments and of users.
    volumes: BTreeSet<String>,
}

impl EngineAssets {
    /// No objects, for a verb that does not use an engine.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Finds the objects of this engine that the manifest names.
    pub async fn find(engine: &impl Engine, environment: &Environment, phase: Phase) -> Result<Self, Error> {
        let socket = engine.endpoint().strip_prefix("unix://").map(PathBuf::from);
        let volumes = if phase == Phase::Run { foreign_volumes(engine, environment).await? } else { BTreeSet::new() };
        Ok(Self { socket, volumes })
    }
}

/// The facts that were looked up on this host.
struct Gathered {
    home: PathBuf,
    trusted: Vec<PathBuf>,
    mounts: BTreeMap<PathBuf, PathBuf>,
    variables: Vec<EnvFileName>,
    package_hosts: BTreeSet<String>,
    certificates: BTreeMap<PathBuf, String>,
}

impl Gathered {
    fn surroundings<'a>(&'a self, asking: &'a Asking<'_>, assets: &'a EngineAssets) -> Surroundings<'a> {
        Surroundings {
            project: &asking.environment.project.root,
            home: &self.home,
            is_root: asking.system.uid == 0,
            trusted: &self.trusted,
            socket: assets.socket.as_deref(),
            real: &real_path,
            mounts: &self.mounts,
            volumes: &assets.volumes,
            variables: &self.variables,
            package_hosts: &self.package_hosts,
            certificates: &self.certificates,
        }
    }
}

/// Returns the resolved host paths of the mounts, by the path in the manifest. Missing paths are left out.
fn mount_sources(manifest: &Manifest, root: &Path, home: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let paths = manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
        MountSource::Path(path) => Some(host_path(path, root, home)),
        MountSource::Volume(_) => None,
    });
    paths.filter_map(|path| std::fs::canonicalize(&path).ok().map(|real| (path, real))).collect()
}

/// Returns the project's named volumes that exist on the engine and that another environment or user created. A label
/// names the owner, so this works without a state.
async fn foreign_volumes(engine: &impl VolumeStore, environment: &Environment) -> Result<BTreeSet<String>, Error> {
    let mut found = BTreeSet::new();
    for mount in environment.manifest.run.mounts.iter().filter(|mount| mount.origin != Origin::Caller) {
        let MountSource::Volume(name) = &mount.value.source else { continue };
        let labels = engine.volume_labels(name).await?;
        if labels.is_some_and(|labels| labels.get(ID_LABEL).map(String::as_str) != Some(environment.id.as_str())) {
            found.insert(name.clone());
        }
    }
    Ok(found)
}

/// Returns the caller's variables that env files inside the project name without a value. A file that cannot be read
/// is reported later, when its values are read.
fn env_file_names(manifest: &Manifest, project: &RootedDirectory, system: &System) -> Vec<EnvFileName> {
    let mut names = Vec::new();
    let mut budget = TextBudget::new(files::TEXT);
    for file in &manifest.run.env_file {
        let path = host_path(&file.value, project.path(), &system.home());
        let Some(inside) = project.entered_by(&path) else { continue };
        let Ok(text) = budget.read(|limit| project.read_text(inside, limit)) else { continue };
        let set = env_file::bare_names(&text).filter(|name| system.variables.contains_key(*name));
        names.extend(set.map(|name| EnvFileName { name: name.to_owned(), span: file.span.clone() }));
    }
    names
}

/// Returns the hosts that the project's requirements files name in package URLs.
fn package_hosts(manifest: &Manifest, project: &RootedDirectory) -> Result<BTreeSet<String>, Error> {
    let paths = manifest.python.requirements.iter().map(|file| &file.value);
    // Lines that cannot be used are reported with those that the lock finds.
    let (files, _) = requirements_files::read_usable(project, paths)?;
    let requirements = files.iter().flat_map(|file| &file.content.requirements);
    Ok(requirements.filter_map(|found| found.requirement.url_host()).collect())
}
