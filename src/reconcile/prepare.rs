//! Everything that has to be known before the engine is asked for anything: what is agreed to, what this host is, what the
//! lock says, and what the image is built from.

use std::collections::BTreeMap;
use std::path::Path;

use super::base::{BaseImage, Made};
use super::consent::Asking;
use super::desired::{BASE_LABEL, BOOTSTRAPPED, IMAGE_LABEL};
use super::identity::Identity;
use super::image::{self, Recipe};
use super::mounts::{self, Mounts};
use super::up::{Ask, Work};
use super::{ReconcileError, base, checks, held, submounts};
use crate::engine::Engine;
use crate::error::Error;
use crate::event::Event;
use crate::grants::{self, Agreed, GrantKind, Phase};
use crate::host::HostFacts;
use crate::lock::{self, Lock, LockFile, LockSources, Question};
use crate::manifest::{GpuDevices, Manifest};
use crate::matrix::Matrix;
use crate::packages::{Access, SourceBuilds};
use crate::project::{State, write};
use crate::render;
use crate::resolve::{ManifestText, Request, TargetFacts, resolve};
use crate::settings::{LockUse, Overrides, Upgrade};

/// See the module.
pub struct Prepared {
    pub identity: Identity,
    pub mounts: Mounts,
    /// What the manifest's env files hold.
    pub variables: BTreeMap<String, String>,
    pub facts: HostFacts,
    pub lock: Lock,
    /// Whether the container gets GPUs.
    pub wants_gpu: bool,
    pub recipe: Recipe,
    /// Whether the image's base was made from the distribution's own packages.
    pub bootstrapped: bool,
}

impl Prepared {
    /// The host's memory, bytes.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        self.facts.memory.as_ref().map(|memory| memory.value)
    }

    /// The driver whose libraries a container with GPUs holds.
    #[must_use]
    pub fn driver(&self) -> Option<String> {
        self.facts.driver.as_ref().map(|driver| driver.value.to_string())
    }
}

/// Finds it all out, in the order in which it may fail: first what costs nothing.
pub async fn prepare(
    work: &Work<'_, impl Engine>,
    state: &mut State,
    phase: Phase,
    ask: &dyn Ask,
) -> Result<Prepared, Error> {
    let (system, manifest, project) = (work.system, &work.environment.manifest, &work.environment.project);
    checks::nothing_unsupported(manifest)?;
    let asking = Asking { environment: work.environment, system, allowed: &work.settings.allow, phase };
    let agreed = asking.agree(Some(work.engine), state, |grants| ask.grant(grants)).await?;
    let identity = Identity::new(manifest, system);
    let mounts = Mounts::of(&agreed, &project.root, &system.home(), &identity)?;
    if mounts::restarts(manifest) {
        held::check_restarts(manifest, &mounts)?;
    }
    submounts::check(work.engine, &mounts).await?;
    let variables = checks::env_files(&agreed, &project.directory, system)?;
    let facts = crate::host::probe(system, Path::new("/"), None);
    let matrix = Matrix::of_site(system)?;
    for notice in matrix.notices() {
        work.sink.emit(Event::Warning { message: notice.to_string() });
    }
    let bootstrapped = base::bootstraps(work, state);
    let making = Making { work, agreed: &agreed, matrix: &matrix, bootstrapped };
    let lock = making.locked(&facts).await?;
    let wants_gpu = wants_gpu(work, &facts)?;
    if wants_gpu && manifest.target.is_named() {
        runs_here(manifest, &lock, &facts, &matrix)?;
    }
    let recipe = making.recipe(&lock).await?;
    Ok(Prepared { identity, mounts, variables, facts, lock, wants_gpu, recipe, bootstrapped })
}

/// Whether the container gets GPUs. A manifest that can do without says so each time it has to.
fn wants_gpu(work: &Work<'_, impl Engine>, facts: &HostFacts) -> Result<bool, ReconcileError> {
    let gpu = &work.environment.manifest.gpu;
    if work.settings.cpu || gpu.devices.value == GpuDevices::None {
        return Ok(false);
    }
    if !facts.gpus.is_empty() {
        return Ok(true);
    }
    if !gpu.optional {
        let at = checks::place(&work.environment.manifest, gpu.devices.span.as_ref(), "asked for here");
        return Err(ReconcileError::NoGpuHere { at });
    }
    work.sink.emit(Event::Warning { message: "this host has no GPU; the environment goes on without one".to_owned() });
    Ok(false)
}

/// With a `[target]` the lock was made for the machines it names: this one has to run what was decided, too.
fn runs_here(manifest: &Manifest, lock: &Lock, facts: &HostFacts, matrix: &Matrix) -> Result<(), Error> {
    let target = TargetFacts::of_machine(Some(facts), &Overrides::default(), matrix)?;
    let request = Request::pinned(&lock.resolution, "envctl.lock", ManifestText::of(manifest), target);
    resolve(&request, matrix)?;
    Ok(())
}

/// What the lock and the recipe are made from.
struct Making<'a, E> {
    work: &'a Work<'a, E>,
    agreed: &'a Agreed<'a>,
    matrix: &'a Matrix,
    /// Whether the base is made from the distribution's own packages: then no registry is asked.
    bootstrapped: bool,
}

impl<E: Engine> Making<'_, E> {
    /// The lock that answers the manifest on this host, written where it has to be. With `--cpu` the team's lock is used where
    /// it is one for the CPU; else one is kept beside the state, because a person's detour is not the team's decision.
    async fn locked(&self, facts: &HostFacts) -> Result<Lock, Error> {
        let Self { agreed, matrix, bootstrapped, .. } = *self;
        let Work { engine, system, environment, settings, sink } = *self.work;
        let manifest = &environment.manifest;
        let overrides = Overrides { cpu: settings.cpu, ..Overrides::default() };
        let request = Request::new(manifest, Some(facts), &overrides, matrix)?;
        let project = &environment.project.directory;
        let own = environment.directory.join("cpu.lock");
        let builds = agreed.covers_package_builds();
        let foreign = grants::is_allowed(GrantKind::LockSources, &settings.allow);
        let question = Question {
            agreed,
            request: &request,
            matrix,
            system,
            project,
            file: LockFile::Team(&environment.project),
            usage: settings.lock,
            upgrade: &Upgrade::Nothing,
            builds: if builds { SourceBuilds::Allowed } else { SourceBuilds::Refused },
            sources: if foreign { LockSources::Any } else { LockSources::Known },
        };
        let digest =
            async |reference: &str| if bootstrapped { None } else { engine.registry_digest(reference).await.ok() };
        if settings.cpu && settings.lock == LockUse::Normal {
            let fits = lock::ensure(Question { usage: LockUse::Locked, ..question }, digest, sink).await;
            if let Ok(ensured) = fits {
                return Ok(ensured.lock);
            }
            write::private_directory(&environment.directory)?;
            return Ok(lock::ensure(Question { file: LockFile::Own(&own, project), ..question }, digest, sink)
                .await?
                .lock);
        }
        Ok(lock::ensure(question, digest, sink).await?.lock)
    }

    /// What the image is built from, with the base and the tools that it starts from on the engine.
    async fn recipe(&self, lock: &Lock) -> Result<Recipe, Error> {
        let Self { work, agreed, matrix, bootstrapped } = *self;
        let (system, manifest, project) =
            (work.system, &work.environment.manifest, &work.environment.project.directory);
        if let Some(reason) = lock.resolution.buildable.reason.clone().filter(|_| !lock.resolution.buildable.ok) {
            return Err(ReconcileError::NotBuildable { reason }.into());
        }
        let made = if bootstrapped { base::make(work, lock, matrix).await? } else { Made::default() };
        base::uv_image(work, agreed, lock.resolution.arch).await?;
        let access = Access::new(agreed, project, system)?;
        let copies = image::copies(manifest, project)?;
        let context = render::context(&render::Inputs {
            lock,
            manifest,
            base: made.base.as_deref(),
            fetch_base: made.fetch.as_deref(),
            certificates: access.bundle().is_some(),
            own_index: access.indexes().is_own(),
            proxies: access.proxies(),
            copies: &copies,
            package_builds: agreed.covers_package_builds(),
            environment: Some(work.environment.id.as_str()),
        })?;
        let mut recipe = image::recipe(system, manifest, project, &context, lock.resolution.arch, access)?;
        let reference = made.base.unwrap_or_else(|| render::base_image(lock, manifest));
        recipe.base = Some(BaseImage::new(reference, lock, bootstrapped, work.settings.pull));
        recipe.build.no_cache = work.settings.no_cache;
        recipe.build.labels.insert(IMAGE_LABEL.to_owned(), work.environment.id.to_string());
        if bootstrapped {
            recipe.build.labels.insert(BASE_LABEL.to_owned(), BOOTSTRAPPED.to_owned());
        }
        Ok(recipe)
    }
}
