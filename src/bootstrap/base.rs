//! Provides a base image: finds it in the engine, loads it again from the cache, or makes it.
//!
//! An image that already exists is used again, because an environment must not change without a request.

use crate::engine::{Engine, ImageId, LOCAL_IMAGES};
use crate::event::{Event, Sink, Stage, StageSubject};
use crate::host::parse::os;
use crate::manifest::Arch;
use crate::matrix::rows::DistributionRow;
use crate::system::System;

use super::archive::ImageArchive;
use super::cache::{Cache, LayerRecord};
use super::{BootstrapError, mmdebstrap};

/// A request for a base image.
#[derive(Clone, Copy, Debug)]
pub struct BaseRequest<'a> {
    /// The matrix's row for the distribution.
    pub distribution: &'a DistributionRow,
    /// Whether to use the current packages even if an earlier image exists.
    pub refresh: bool,
    /// The package archive, if not the distribution's own.
    pub mirror: Option<&'a str>,
}

/// A base image that the engine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootstrappedBase {
    /// The image's name, `envctl.invalid/debian-12:4f5e0a1b2c3d`.
    pub reference: String,
    /// The ID of its content.
    pub image: ImageId,
}

/// The variables of its containers, the same as in the distributions' own images.
const ENVIRONMENT: [&str; 1] = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

/// The number of hex digits of the content's hash in the name.
const HASH_DIGITS: usize = 12;

/// Returns the base image for a distribution, and makes it if necessary. Of two concurrent callers, the second waits
/// and finds the image of the first.
pub async fn ensure_base(
    engine: &impl Engine,
    system: &System,
    wanted: BaseRequest<'_>,
    sink: &dyn Sink,
) -> Result<BootstrappedBase, BootstrapError> {
    let arch = host_arch().filter(|arch| wanted.distribution.arch.contains(arch));
    let arch = arch.ok_or_else(|| BootstrapError::OtherArchitecture {
        distribution: wanted.distribution.id.clone(),
        arch: host_arch_name(),
    })?;
    let family = mmdebstrap::Family::of(wanted.distribution)?;
    let cache = Cache::open(&system.cache_home(), &wanted.distribution.id, arch)?;
    let _held = cache.lock().await?;
    if !wanted.refresh
        && let Some(base) = find_base(engine, &cache, sink).await?
    {
        return Ok(base);
    }
    sink.emit(Event::Stage { stage: Stage::Bootstrap, subject: StageSubject::Named(wanted.distribution.id.clone()) });
    let order = mmdebstrap::Order { family, distribution: wanted.distribution, arch, mirror: wanted.mirror };
    let staging = cache.staging()?;
    let layer = mmdebstrap::run(system, &order, staging.path(), sink).await?;
    let hash = cache.hash(layer.path()).await?;
    let reference = format!("{LOCAL_IMAGES}/{}:{}", cache.name(), &hash[..HASH_DIGITS]);
    let record =
        LayerRecord { reference, created_by: order.shown(), distribution: wanted.distribution.id.clone(), arch };
    cache.keep(layer, &record)?;
    let base = load_base(engine, &cache, &record, sink).await?;
    sink.emit(Event::StageDone { stage: Stage::Bootstrap, result: StageSubject::Named(base.reference.clone()) });
    Ok(base)
}

/// The name of the last base that was made for a distribution, even if the engine no longer has it. `None`: no base was
/// made. It makes nothing.
#[must_use]
pub fn find_remembered(system: &System, distribution: &DistributionRow) -> Option<String> {
    let cache = Cache::of(&system.cache_home(), &distribution.id, host_arch()?);
    Some(with_local_name(cache.record()?)?.reference)
}

/// An earlier base, from the engine or from the cache.
async fn find_base(
    engine: &impl Engine,
    cache: &Cache,
    sink: &dyn Sink,
) -> Result<Option<BootstrappedBase>, BootstrapError> {
    let Some(record) = cache.record().and_then(with_local_name) else { return Ok(None) };
    if let Some(state) = engine.image(&record.reference).await? {
        return Ok(Some(BootstrappedBase { reference: record.reference, image: state.id }));
    }
    if !cache.layer().exists() {
        return Ok(None);
    }
    load_base(engine, cache, &record, sink).await.map(Some)
}

/// Renames the image of an earlier release of envctl, which used a name that the default registry could serve. The
/// layer stays the same.
fn with_local_name(record: LayerRecord) -> Option<LayerRecord> {
    let (_, name) = record.reference.rsplit_once('/')?;
    Some(LayerRecord { reference: format!("{LOCAL_IMAGES}/{name}"), ..record })
}

/// Loads an image with the cached layer into the engine.
async fn load_base(
    engine: &impl Engine,
    cache: &Cache,
    record: &LayerRecord,
    sink: &dyn Sink,
) -> Result<BootstrappedBase, BootstrapError> {
    let labels = [("envctl.base", record.distribution.as_str())];
    let archive = cache.write_archive(|layer, out| {
        let reference = &record.reference;
        let image = ImageArchive {
            reference,
            arch: record.arch,
            layer,
            created_by: &record.created_by,
            env: &ENVIRONMENT,
            labels: &labels,
        };
        image.write(out)
    })?;
    engine.load(&archive.path(), sink).await?;
    let state = engine.image(&record.reference).await?;
    let image = state.ok_or_else(|| BootstrapError::NotLoaded { reference: record.reference.clone() })?.id;
    Ok(BootstrappedBase { reference: record.reference.clone(), image })
}

fn host_arch() -> Option<Arch> {
    os::arch(&host_arch_name())
}

fn host_arch_name() -> String {
    rustix::system::uname().machine().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_an_earlier_release_gets_the_name_of_today() {
        let record = |reference: &str| LayerRecord {
            reference: reference.to_owned(),
            created_by: String::new(),
            distribution: "debian:12".to_owned(),
            arch: Arch::X86_64,
        };
        let today = record("envctl.invalid/debian-12:0123456789ab");
        assert_eq!(with_local_name(record("envctl-base/debian-12:0123456789ab")), Some(today.clone()));
        assert_eq!(with_local_name(today.clone()), Some(today));
    }
}
