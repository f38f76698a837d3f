//! The cache of the last layer of a distribution and of its image name. With it, another engine gets the same base
//! image without a new run of `mmdebstrap`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::manifest::Arch;
use crate::system::Scratch;

use super::BootstrapError;

/// The cache of one distribution for one architecture.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    directory: PathBuf,
    /// The name, `debian-12`.
    name: String,
    arch: Arch,
}

/// The facts about the layer beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LayerRecord {
    /// The image's name.
    pub(super) reference: String,
    /// The command that made the layer.
    pub(super) created_by: String,
    /// The distribution, `debian:12`.
    pub(super) distribution: String,
    pub(super) arch: Arch,
}

impl Cache {
    /// The cache. Its directory need not exist.
    pub(super) fn of(cache_home: &Path, distribution: &str, arch: Arch) -> Self {
        Self { directory: cache_home.join("bootstrap"), name: distribution.replace(':', "-"), arch }
    }

    pub(super) fn open(cache_home: &Path, distribution: &str, arch: Arch) -> Result<Self, BootstrapError> {
        let cache = Self::of(cache_home, distribution, arch);
        std::fs::create_dir_all(&cache.directory).map_err(failed("make", &cache.directory))?;
        Ok(cache)
    }

    /// A directory for incomplete files. The next run removes the files of a killed one.
    pub(super) fn staging(&self) -> Result<Scratch, BootstrapError> {
        let parent = self.directory.join(".staging");
        Scratch::beneath(&parent).map_err(failed("write in", &parent))
    }

    /// The name in the image's name, `debian-12`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn layer(&self) -> PathBuf {
        self.file("tar")
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.directory.join(format!("{}-{}.{extension}", self.name, self.arch))
    }

    /// Locks the cache against other processes until the file is dropped.
    pub(super) async fn lock(&self) -> Result<File, BootstrapError> {
        let path = self.file("lock");
        let file = File::create(&path).map_err(failed("write", &path))?;
        blocking(move || {
            file.lock()?;
            Ok(file)
        })
        .await
        .map_err(failed("lock", &path))
    }

    /// The record of the last layer. An unreadable record counts as none.
    pub(super) fn record(&self) -> Option<LayerRecord> {
        serde_json::from_slice(&std::fs::read(self.file("json")).ok()?).ok()
    }

    /// The SHA-256 of a file, in hex.
    pub(super) async fn hash(&self, path: &Path) -> Result<String, BootstrapError> {
        let owned = path.to_owned();
        let hash = blocking(move || {
            let mut hasher = Hasher(Sha256::new());
            io::copy(&mut File::open(owned)?, &mut hasher)?;
            Ok(hasher.0.finalize())
        });
        let hash = hash.await.map_err(failed("read", path))?;
        Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
    }

    /// Keeps a new layer. The record is written last, because the layer counts only with its record.
    pub(super) fn keep(&self, layer: NamedTempFile, record: &LayerRecord) -> Result<(), BootstrapError> {
        let json = self.file("json");
        match std::fs::remove_file(&json) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("remove", &json)(error)),
            _ => {}
        }
        let path = self.layer();
        layer.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
        let staging = self.staging()?;
        let text = serde_json::to_vec_pretty(record).expect("a record of plain texts serialises");
        let write = || {
            let mut file = NamedTempFile::new_in(staging.path())?;
            file.write_all(&text)?;
            file.persist(&json)?;
            Ok(())
        };
        write().map_err(failed("write", &json))
    }

    /// Writes an archive around the layer. It is deleted when it is dropped.
    pub(super) fn write_archive(
        &self,
        write: impl FnOnce(&Path, &mut dyn Write) -> io::Result<crate::engine::ImageId>,
    ) -> Result<StagedArchive, BootstrapError> {
        let archive = StagedArchive(self.staging()?);
        let attempt = || {
            let mut out = io::BufWriter::with_capacity(1 << 20, File::create(archive.path())?);
            write(&self.layer(), &mut out)?;
            out.flush()
        };
        attempt().map_err(failed("write an image archive in", &self.directory))?;
        Ok(archive)
    }
}

/// An image archive for the engine.
pub(super) struct StagedArchive(Scratch);

impl StagedArchive {
    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("archive.tar")
    }
}

/// A writer that hashes its input.
struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs work that would block the event loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> BootstrapError + 'a {
    move |error| {
        if error.kind() == io::ErrorKind::StorageFull {
            return BootstrapError::DiskFull { place: path.display().to_string(), output: Vec::new() };
        }
        BootstrapError::Cache { action, path: path.to_owned(), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(home.path(), "debian:12", Arch::X86_64).unwrap();
        assert_eq!(cache.record(), None);
        let mut layer = NamedTempFile::new_in(&cache.directory).unwrap();
        layer.write_all(b"layer").unwrap();
        let record = LayerRecord {
            reference: "envctl.invalid/debian-12:0123456789ab".to_owned(),
            created_by: "mmdebstrap bookworm".to_owned(),
            distribution: "debian:12".to_owned(),
            arch: Arch::X86_64,
        };
        cache.keep(layer, &record).unwrap();
        assert_eq!(cache.record(), Some(record.clone()));
        assert!(cache.layer().ends_with("bootstrap/debian-12-x86_64.tar"));
        let other = Cache::open(home.path(), "debian:12", Arch::Aarch64).unwrap();
        assert_eq!(other.record(), None);

        let again = NamedTempFile::new_in(&cache.directory).unwrap();
        cache.keep(again, &record).unwrap();
        assert_eq!(std::fs::read(cache.layer()).unwrap(), b"");
        std::fs::write(home.path().join("bootstrap/debian-12-x86_64.json"), "{").unwrap();
        assert_eq!(cache.record(), None);
    }
}
