//! The images that a build starts from and that no registry has to serve: a base made from a distribution's own packages,
//! and the one that holds uv and nothing else.

use super::ReconcileError;
use super::up::Work;
use crate::bootstrap::uv::write_image;
use crate::bootstrap::{self, Wanted};
use crate::engine::Engine;
use crate::error::Error;
use crate::grants::Agreed;
use crate::lock::Lock;
use crate::manifest::{Arch, BaseImages};
use crate::matrix::Matrix;
use crate::packages::{Access, Uv, tool};
use crate::project::State;
use crate::system::Scratch;

/// The name on this engine of a base that is made here.
pub async fn base(work: &Work<'_, impl Engine>, lock: &Lock, matrix: &Matrix) -> Result<String, Error> {
    let os = lock.resolution.os.as_deref();
    let distribution = matrix.distributions().iter().find(|row| Some(row.id.as_str()) == os);
    let distribution = distribution
        .filter(|row| row.image == lock.resolution.base_image)
        .ok_or_else(|| ReconcileError::NotBootstrappable { image: lock.resolution.base_image.clone() })?;
    let mirror = work.environment.manifest.network.apt_mirror.as_ref().map(|mirror| mirror.value.as_str());
    let wanted = Wanted { distribution, refresh: work.settings.pull, mirror };
    Ok(bootstrap::ensure(work.engine, work.system, wanted, work.sink).await?.reference)
}

/// Whether bases are made here rather than fetched: asked for now, by the configuration, or by an earlier `up`.
#[must_use]
pub fn bootstraps(work: &Work<'_, impl Engine>, state: &State) -> bool {
    work.settings.bootstrap
        || work.environment.manifest.network.base_images.value == BaseImages::Bootstrap
        || state.bootstrapped
}

/// Gives the engine the image with uv that every build mounts, unless it has it.
pub async fn uv_image(work: &Work<'_, impl Engine>, agreed: &Agreed<'_>, arch: Arch) -> Result<(), Error> {
    let reference = tool::image_reference();
    if work.engine.image(&reference).await?.is_some() {
        return Ok(());
    }
    let access = Access::new(agreed, &work.environment.project.root, work.system)?;
    let uv = Uv::ensure(work.system, &access, work.sink).await?;
    let directory = Scratch::new(work.system).map_err(|error| unwritable(&error))?;
    let archive = directory.path().join("uv.tar");
    write_image(&uv.program, arch, &archive).map_err(|error| unwritable(&error))?;
    Ok(work.engine.load(&archive, work.sink).await?)
}

fn unwritable(error: &std::io::Error) -> ReconcileError {
    ReconcileError::SecretFile { reason: error.to_string() }
}
