//! The images that a build starts from and that no registry has to serve: a base made from a distribution's own packages,
//! and the one that holds uv and nothing else.

use super::ReconcileError;
use super::up::Work;
use crate::bootstrap::archive::ImageArchive;
use crate::bootstrap::{self, Wanted};
use crate::engine::Engine;
use crate::error::Error;
use crate::lock::Lock;
use crate::manifest::{Arch, BaseImages};
use crate::matrix::Matrix;
use crate::packages::{Indexes, Uv, tool, trust};

/// The base's name on this engine, where it is to be made here; none: the lock's.
pub async fn base(work: &Work<'_, impl Engine>, lock: &Lock, matrix: &Matrix) -> Result<Option<String>, Error> {
    if !bootstraps(work) {
        return Ok(None);
    }
    let os = lock.resolution.os.as_deref();
    let distribution = matrix.distributions().iter().find(|row| Some(row.id.as_str()) == os);
    let distribution = distribution
        .filter(|row| row.image == lock.resolution.base_image)
        .ok_or_else(|| ReconcileError::NotBootstrappable { image: lock.resolution.base_image.clone() })?;
    let mirror = work.environment.manifest.network.apt_mirror.as_ref().map(|mirror| mirror.value.as_str());
    let wanted = Wanted { distribution, refresh: work.settings.pull, mirror };
    Ok(Some(bootstrap::ensure(work.engine, work.system, wanted, work.sink).await?.reference))
}

/// Whether bases are made here rather than fetched.
pub fn bootstraps(work: &Work<'_, impl Engine>) -> bool {
    work.settings.bootstrap || work.environment.manifest.network.base_images.value == BaseImages::Bootstrap
}

/// Gives the engine the image with uv that every build mounts, unless it has it.
pub async fn uv_image(work: &Work<'_, impl Engine>, arch: Arch) -> Result<(), Error> {
    let reference = tool::image_reference();
    if work.engine.image(&reference).await?.is_some() {
        return Ok(());
    }
    let (system, network) = (work.system, &work.environment.manifest.network);
    let indexes = Indexes::of(network, system);
    let bundle = trust::bundle(&network.ca_certificates.value, &work.environment.project.root, system)?;
    let directory = tempfile::tempdir().map_err(|error| unwritable(&error))?;
    let bundle = bundle.map(|bytes| (directory.path().join("ca.pem"), bytes));
    if let Some((path, bytes)) = &bundle {
        std::fs::write(path, bytes).map_err(|error| unwritable(&error))?;
    }
    let uv = Uv::ensure(system, &indexes, bundle.as_ref().map(|(path, _)| path.as_path()), work.sink).await?;
    let archive = directory.path().join("uv.tar");
    write_archive(&uv, &reference, arch, directory.path(), &archive).map_err(|error| unwritable(&error))?;
    Ok(work.engine.load(&archive, work.sink).await?)
}

fn write_archive(
    uv: &Uv,
    reference: &str,
    arch: Arch,
    directory: &std::path::Path,
    archive: &std::path::Path,
) -> std::io::Result<()> {
    let layer = directory.join("layer.tar");
    let mut tar = tar::Builder::new(std::fs::File::create(&layer)?);
    let mut program = std::fs::File::open(&uv.program)?;
    let mut header = tar::Header::new_ustar();
    header.set_size(program.metadata()?.len());
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    tar.append_data(&mut header, "uv", &mut program)?;
    tar.into_inner()?.sync_data()?;
    let image = ImageArchive {
        reference,
        arch,
        layer: &layer,
        created_by: "envctl",
        env: &[],
        labels: &[("envctl.tool", "uv")],
    };
    image.write(std::io::BufWriter::new(std::fs::File::create(archive)?))?;
    Ok(())
}

fn unwritable(error: &std::io::Error) -> ReconcileError {
    ReconcileError::SecretFile { reason: error.to_string() }
}
