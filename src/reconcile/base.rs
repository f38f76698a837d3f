//! Provides the images that a build starts from without a registry.
//!
//! These are bases made from a distribution's own packages, and the image that contains only uv.

use std::path::Path;

use super::ReconcileError;
use super::work::{Effects, Work};
use crate::bootstrap::uv::write_image;
use crate::bootstrap::{self, BaseRequest};
use crate::engine::{Engine, ImageId, ImageStore, LOCAL_IMAGES};
use crate::error::Error;
use crate::event::Sink;
use crate::files;
use crate::lock::Lock;
use crate::manifest::{Arch, BaseImages, Manifest};
use crate::matrix::Matrix;
use crate::matrix::rows::DistributionRow;
use crate::packages::{Access, Uv, tool};
use crate::project::State;
use crate::render::FETCH_BASE;
use crate::system::Scratch;

/// The bases that were made locally, by their names on this engine; `None`: from a registry.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The base of the environment.
    pub base: Option<String>,
    /// The base of the stage that fetches packages for the user's own image.
    pub fetch: Option<String>,
}

/// Makes the bases locally. Without effects it returns the names of bases from earlier runs; a base that was never
/// made has no name yet.
pub async fn make_bases(
    work: &Work<'_, impl Engine>,
    lock: &Lock,
    matrix: &Matrix,
    effects: Effects,
) -> Result<Made, Error> {
    let decision = &lock.decision;
    let (os, image) = match decision.os.as_deref() {
        Some(os) => (os, decision.base_image.as_str()),
        None => (FETCH_BASE, FETCH_BASE),
    };
    let distribution = matrix
        .distributions()
        .iter()
        .find(|row| row.id == os && row.image == image)
        .ok_or_else(|| ReconcileError::NotBootstrappable { image: image.to_owned() })?;
    let name = match effects {
        Effects::None => bootstrap::find_remembered(work.system, distribution),
        Effects::Allowed => Some(make_base(work, distribution).await?),
    };
    Ok(if decision.os.is_some() { Made { base: name, fetch: None } } else { Made { base: None, fetch: name } })
}

async fn make_base(work: &Work<'_, impl Engine>, distribution: &DistributionRow) -> Result<String, Error> {
    let mirror = work.environment.manifest.network.apt_mirror.as_ref().map(|mirror| mirror.value.as_str());
    let wanted = BaseRequest { distribution, refresh: work.options.pull, mirror };
    Ok(bootstrap::ensure_base(work.engine, work.system, wanted, work.sink).await?.reference)
}

/// Whether bases are made locally and not pulled: on request now, by configuration, or because of an earlier `up`.
#[must_use]
pub fn bootstraps(manifest: &Manifest, is_asked_for: bool, state: &State) -> bool {
    is_asked_for || manifest.network.base_images.value == BaseImages::Bootstrap || state.bootstrapped
}

/// The image that the environment's own stage starts from, and the allowed ways to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseImage {
    /// Its name, with a digest if the lock has one.
    pub reference: String,
    /// Whether it is the user's own image, which may contain anything.
    pub is_own: bool,
    pub fetching: Fetching,
}

/// The condition for asking a registry for a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetching {
    Never,
    /// If the engine does not have it.
    WhereMissing,
    /// Now, for a newer one.
    Again,
}

impl BaseImage {
    /// Combines the lock, the settings and the bases that were made locally.
    pub(super) fn new(reference: String, lock: &Lock, bootstrapped: bool, pull: bool) -> Self {
        let fetching = match (bootstrapped || reference.starts_with(LOCAL_IMAGES), pull) {
            (true, _) => Fetching::Never,
            (false, true) => Fetching::Again,
            (false, false) => Fetching::WhereMissing,
        };
        Self { reference, is_own: lock.decision.os.is_none(), fetching }
    }

    /// Brings the base to the engine. The builder must not do that: it would ask registries for every image of the
    /// build, also for local ones. The user's own image is checked before anything of it runs, because its `ONBUILD`
    /// instructions would run in the builder with everything they mount.
    pub async fn ready(&self, engine: &impl Engine, sink: &dyn Sink) -> Result<(), Error> {
        let reference = &self.reference;
        if self.fetching == Fetching::Again {
            engine.pull(reference, sink).await?;
        }
        if !self.is_own {
            return Ok(());
        }
        let mut found = engine.image(reference).await?;
        if found.is_none() && self.fetching == Fetching::WhereMissing {
            engine.pull(reference, sink).await?;
            found = engine.image(reference).await?;
        }
        let found = found.ok_or_else(|| ReconcileError::NotBootstrappable { image: reference.clone() })?;
        match found.on_build.into_iter().next() {
            Some(trigger) => Err(ReconcileError::BaseTriggers { image: reference.clone(), trigger }.into()),
            None => Ok(()),
        }
    }
}

/// Loads the image with uv, which every build mounts, into the engine. It is skipped if the engine has exactly this
/// image: another user of the engine may have given the name to another one.
pub async fn uv_image(work: &Work<'_, impl Engine>, access: &Access, arch: Arch) -> Result<(), Error> {
    let reference = tool::image_reference();
    let remembered = work.system.data_home().join("tools").join(format!("uv-{}.image", tool::version()));
    if engine_holds(work.engine, &reference, &remembered).await? {
        return Ok(());
    }
    let uv = Uv::ensure(work.system, access, work.sink).await?;
    let directory = Scratch::new(work.system).map_err(|error| unwritable(&error))?;
    let archive = directory.path().join("uv.tar");
    write_image(&uv.program, arch, &archive).map_err(|error| unwritable(&error))?;
    work.engine.load(&archive, work.sink).await?;
    if let Some(image) = work.engine.image(&reference).await? {
        // If the ID cannot be stored, the image is loaded again next time.
        let _ = std::fs::write(&remembered, image.id.0);
    }
    Ok(())
}

/// Whether the engine's image of this name has the ID that the file stores.
async fn engine_holds(engine: &impl ImageStore, reference: &str, remembered: &Path) -> Result<bool, Error> {
    let there = engine.image(reference).await?.map(|image| image.id);
    Ok(there.is_some() && there == files::read_text(remembered, files::TEXT).ok().map(ImageId))
}

fn unwritable(error: &std::io::Error) -> ReconcileError {
    ReconcileError::SecretFile { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;
    use crate::event::Silent;

    const IMAGE: &str = "registry.lab.example/team/base:1";

    fn base(is_own: bool, fetching: Fetching) -> BaseImage {
        BaseImage { reference: IMAGE.to_owned(), is_own, fetching }
    }

    async fn pulls(fake: &Fake, base: &BaseImage) -> usize {
        fake.calls.borrow_mut().clear();
        base.ready(fake, &Silent).await.unwrap();
        fake.calls.borrow().iter().filter(|call| call.starts_with("pull")).count()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_registry_is_asked_no_more_than_wanted() {
        let fake = Fake::new();
        fake.registry.borrow_mut().insert(IMAGE.to_owned(), "sha256:00".to_owned());
        assert_eq!(pulls(&fake, &base(false, Fetching::WhereMissing)).await, 0, "the builder fetches it");
        assert_eq!(pulls(&fake, &base(true, Fetching::WhereMissing)).await, 1);
        assert_eq!(pulls(&fake, &base(true, Fetching::WhereMissing)).await, 0);
        assert_eq!(pulls(&fake, &base(true, Fetching::Never)).await, 0);
        assert_eq!(pulls(&fake, &base(true, Fetching::Again)).await, 1);
        assert_eq!(pulls(&fake, &base(false, Fetching::Again)).await, 1);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_image_that_adds_steps_to_the_build_is_refused() {
        let fake = Fake::new();
        fake.add_image(IMAGE);
        fake.images.borrow_mut().get_mut(IMAGE).unwrap().on_build = vec!["RUN id".to_owned()];
        let error = base(true, Fetching::WhereMissing).ready(&fake, &Silent).await.unwrap_err();
        assert_eq!(error.report().kind(), "base-triggers");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn another_image_under_the_name_of_ours_is_not_taken_for_it() {
        let fake = Fake::new();
        let remembered = tempfile::NamedTempFile::new().unwrap();
        let id = fake.add_image(IMAGE);
        assert!(!engine_holds(&fake, IMAGE, remembered.path()).await.unwrap());
        std::fs::write(remembered.path(), id.0).unwrap();
        assert!(engine_holds(&fake, IMAGE, remembered.path()).await.unwrap());
        fake.images.borrow_mut().get_mut(IMAGE).unwrap().id = ImageId("sha256:other".to_owned());
        assert!(!engine_holds(&fake, IMAGE, remembered.path()).await.unwrap());
        assert!(!engine_holds(&fake, "missing:1", remembered.path()).await.unwrap());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn where_no_registry_is_asked_the_image_has_to_be_there() {
        let error = base(true, Fetching::Never).ready(&Fake::new(), &Silent).await.unwrap_err();
        assert_eq!(error.report().kind(), "not-bootstrappable");
    }
}
