//! Collects everything that `up` needs before it looks at the container.
//!
//! This is the facts of the host, the lock, and the inputs of the image's build.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use super::base::{BaseImage, Made};
use super::desired::{BASE_LABEL, BOOTSTRAPPED, IMAGE_LABEL};
use super::error::snippet_of;
use super::identity::Identity;
use super::image::{self, Recipe};
use super::locking::LockOrder;
use super::mounts::{self, Mounts};
use super::source_needs::SourceNeeds;
use super::work::{Effects, Work};
use super::{ReconcileError, base, devices, env_variables, held, submounts};
use crate::engine::{DeviceSpec, Engine};
use crate::error::Error;
use crate::event::{Notice, PackagesTry};
use crate::grants::Agreed;
use crate::host::HostFacts;
use crate::lock::{Ensured, Lock, OldFormat, Upgrade};
use crate::manifest::{GpuDevices, Manifest};
use crate::matrix::Matrix;
use crate::packages::{Access, SourceRunner};
use crate::project::State;
use crate::proof::FrameworkCode;
use crate::render;
use crate::resolve::{ManifestText, Overrides, Request, TargetFacts, resolve};

/// The facts, the lock and the recipe for one `up`.
pub struct Prepared {
    pub identity: Identity,
    pub mounts: Mounts,
    pub devices: Vec<DeviceSpec>,
    /// The variables from the manifest's env files.
    pub variables: BTreeMap<String, String>,
    pub facts: HostFacts,
    pub lock: Lock,
    /// The choices that the packages refused before the one in a new lock.
    pub tried: Vec<PackagesTry>,
    /// Whether the container gets GPUs.
    pub wants_gpu: bool,
    pub recipe: Recipe,
    /// Whether the image's base was made from the distribution's own packages.
    pub bootstrapped: bool,
}

impl Prepared {
    /// The host's memory in bytes.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        self.facts.memory.as_ref().map(|memory| memory.value)
    }

    /// The driver version of the libraries in a container with GPUs.
    #[must_use]
    pub fn driver(&self) -> Option<String> {
        self.facts.driver.as_ref().map(|driver| driver.value.to_string())
    }
}

/// What is decided about an image before it is described.
struct DecidedImage {
    facts: HostFacts,
    matrix: Matrix,
    lock: Lock,
    tried: Vec<PackagesTry>,
    bootstrapped: bool,
}

/// Collects everything for a container, with the cheapest checks first.
pub async fn prepare_up(
    work: &Work<'_, impl Engine>,
    agreed: &Agreed<'_>,
    state: &State,
    effects: Effects,
) -> Result<Prepared, Error> {
    let (system, manifest, project) = (work.system, &work.environment.manifest, &work.environment.project);
    let identity = Identity::new(manifest, system);
    let mut mounts = Mounts::of(agreed, &project.root, &system.home(), &identity)?;
    mounts.directories = held::identify_directories(&mounts)?;
    if mounts::restarts(manifest) {
        held::check_restarts(manifest, &mounts)?;
    }
    let devices = devices::check_devices(manifest)?;
    submounts::check_submounts(work.engine, &mounts).await?;
    let variables = env_variables::read_env_files(agreed, &project.directory, system)?;
    let decided = decide_image(work, agreed, state, effects).await?;
    let wants_gpu = wants_gpu(work, &decided.facts)?;
    if manifest.target.is_named() {
        let target = this_machine(&decided)?;
        check_arch(manifest, &decided.lock, &target)?;
        if wants_gpu {
            let request = Request::pinned(&decided.lock.decision, "envctl.lock", ManifestText::of(manifest), target);
            resolve(&request, &decided.matrix)?;
        }
    }
    let recipe = describe_image(work, agreed, state, &decided, effects).await?;
    let DecidedImage { facts, lock, tried, bootstrapped, .. } = decided;
    Ok(Prepared { identity, mounts, devices, variables, facts, lock, tried, wants_gpu, recipe, bootstrapped })
}

/// Collects what an image needs. With a `[target]`, this machine need not be able to run it: it may have no GPU, and
/// the directories to mount may be elsewhere.
pub async fn prepare_image(
    work: &Work<'_, impl Engine>,
    agreed: &Agreed<'_>,
    state: &State,
    effects: Effects,
) -> Result<Recipe, Error> {
    let decided = decide_image(work, agreed, state, effects).await?;
    check_arch(&work.environment.manifest, &decided.lock, &this_machine(&decided)?)?;
    describe_image(work, agreed, state, &decided, effects).await
}

/// Gets the facts of this machine and the lock.
async fn decide_image(
    work: &Work<'_, impl Engine>,
    agreed: &Agreed<'_>,
    state: &State,
    effects: Effects,
) -> Result<DecidedImage, Error> {
    let (system, manifest) = (work.system, &work.environment.manifest);
    let facts = crate::host::probe(system, Path::new("/"), None);
    let matrix = Matrix::of_site(system)?;
    for notice in matrix.notices() {
        work.sink.emit(Notice::Overlay(notice.clone()).into());
    }
    let bootstrapped = base::bootstraps(manifest, work.options.bootstrap, state);
    let here = Work { engine: work.engine, ..*work };
    let asked = Cell::new(0);
    let runner = SourceNeeds { work: here, agreed, matrix: &matrix, bootstrapped, asked };
    let order = LockOrder {
        environment: work.environment,
        system,
        matrix: &matrix,
        agreed,
        facts: Some(&facts),
        overrides: &Overrides { cpu: work.options.cpu, ..Overrides::default() },
        usage: work.options.lock,
        upgrade: &Upgrade::Nothing,
        allowed: &work.options.allow,
        effects,
        old_format: OldFormat::Kept,
        runner: (effects == Effects::Allowed).then_some(&runner as &dyn SourceRunner),
    };
    let digest = async |reference: &str| {
        if bootstrapped { None } else { work.engine.registry_digest(reference).await.ok() }
    };
    let Ensured { lock, tried, .. } = order.ensure(digest, work.sink).await?;
    Ok(DecidedImage { facts, matrix, lock, tried, bootstrapped })
}

/// Returns the recipe of the image. It makes the base where no registry is asked.
async fn describe_image(
    work: &Work<'_, impl Engine>,
    agreed: &Agreed<'_>,
    state: &State,
    decided: &DecidedImage,
    effects: Effects,
) -> Result<Recipe, Error> {
    let DecidedImage { matrix, lock, bootstrapped, .. } = decided;
    // An environment that was built already may need no download.
    if state.image.is_none() {
        check_buildable(&work.environment.manifest, lock, matrix)?;
    }
    let made = if *bootstrapped { base::make_bases(work, lock, matrix, effects).await? } else { Made::default() };
    prepare_recipe(work, agreed, lock, &FrameworkCode::of(lock, matrix), (made, *bootstrapped))
}

/// Returns the inputs of the image's build, with bases that were made locally or that a registry has.
fn prepare_recipe(
    work: &Work<'_, impl Engine>,
    agreed: &Agreed<'_>,
    lock: &Lock,
    proofs: &[FrameworkCode],
    (made, bootstrapped): (Made, bool),
) -> Result<Recipe, Error> {
    let (system, manifest, project) = (work.system, &work.environment.manifest, &work.environment.project.directory);
    let access = Access::new(agreed, project, system)?;
    let copies = image::collect_copies(manifest, project)?;
    let context = render::context(&render::ImageInputs {
        lock,
        manifest,
        proofs,
        base: made.base.as_deref(),
        fetch_base: made.fetch.as_deref(),
        certificates: access.bundle().is_some(),
        own_index: access.indexes().is_own(),
        proxies: access.proxies(),
        copies: &copies,
        environment: Some(work.environment.id.as_str()),
    })?;
    let mut recipe = image::write_recipe(system, manifest, project, &context, lock.decision.arch, access)?;
    let reference = made.base.unwrap_or_else(|| render::base_image(lock, manifest));
    recipe.base = Some(BaseImage::new(reference, lock, bootstrapped, work.options.pull));
    recipe.build.no_cache = work.options.no_cache;
    recipe.build.labels.insert(IMAGE_LABEL.to_owned(), work.environment.id.to_string());
    if bootstrapped {
        recipe.build.labels.insert(BASE_LABEL.to_owned(), BOOTSTRAPPED.to_owned());
    }
    Ok(recipe)
}

/// Whether the container gets GPUs. A manifest with optional GPUs reports each time that it runs without.
fn wants_gpu(work: &Work<'_, impl Engine>, facts: &HostFacts) -> Result<bool, ReconcileError> {
    let gpu = &work.environment.manifest.gpu;
    if work.options.cpu || gpu.devices.value == GpuDevices::None {
        return Ok(false);
    }
    if !facts.gpus.is_empty() {
        return Ok(true);
    }
    if !gpu.optional {
        let at = snippet_of(&work.environment.manifest, gpu.devices.span.as_ref(), "asked for here");
        return Err(ReconcileError::NoGpuHere { at });
    }
    work.sink.emit(Notice::NoGpu.into());
    Ok(false)
}

/// Returns this machine as the target of a resolution.
fn this_machine(decided: &DecidedImage) -> Result<TargetFacts, Error> {
    Ok(TargetFacts::of_machine(Some(&decided.facts), &Overrides::default(), &decided.matrix)?)
}

/// Checks that the lock is for this machine's CPU architecture. With a `[target]`, it was made for the machines that
/// the target names.
fn check_arch(manifest: &Manifest, lock: &Lock, here: &TargetFacts) -> Result<(), ReconcileError> {
    let Some(here) = lock.decision.other_arch(here) else { return Ok(()) };
    let at = snippet_of(manifest, manifest.target.arch.as_ref().and_then(|arch| arch.span.as_ref()), "named here");
    Err(ReconcileError::OtherArch { decided: lock.decision.arch, here, at })
}

/// Checks, with the compatibility data, whether everything in the lock can still be built today.
fn check_buildable(manifest: &Manifest, lock: &Lock, matrix: &Matrix) -> Result<(), ReconcileError> {
    let request = Request::pinned(&lock.decision, "envctl.lock", ManifestText::of(manifest), TargetFacts::default());
    let unbuildable = resolve(&request, matrix).ok().and_then(|resolution| resolution.unbuildable);
    unbuildable.map_or(Ok(()), |why| Err(ReconcileError::NotBuildable(Box::new(why))))
}
