//! The rows of this machine: the folders and archives in its configuration, then `/etc/envctl/matrix` and the user's
//! own.
//!
//! Only `envctl matrix fetch` downloads archives. It keeps them, so every other command works offline. When a
//! configured source is missing, the matrix reports it, because an answer without a lab's rows is a different answer.

mod archive;
mod error;
mod folder;
mod published;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Matrix, RowFile};
use crate::address::without_password;
use crate::digest::hex;
use crate::event::{OverlayNotice, OverlayState};
use crate::files;
use crate::manifest::{FrameworkWords, OverlaySource, Vocabulary, overlays};
use crate::project::config_layers;
use crate::project::write::{private_directory, replace};
use crate::system::System;

pub use archive::ArchiveError;
pub use error::{OverlayError, SiteError};
pub use published::keep;

use folder::read_dir;

/// The folder of a machine's own rows.
const SITE: &str = "/etc/envctl/matrix";

/// The format version of a kept archive.
const VERSION: u32 = 1;

/// The age, in days, after which a notice asks for a new download.
const OLD: u64 = 30;

/// A kept archive.
#[derive(Debug, Serialize, Deserialize)]
struct CachedArchive {
    version: u32,
    url: String,
    digest: String,
    /// Seconds since 1970.
    fetched: u64,
    files: BTreeMap<String, String>,
}

/// The result of a download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fetched {
    /// The source, without a password.
    pub source: String,
    /// The SHA-256 of the archive.
    pub digest: String,
    /// The number of its row files.
    pub files: usize,
    /// Whether the same archive was already kept.
    pub unchanged: bool,
}

/// The row sources in the configuration of this machine and user, lowest first.
pub fn sources(system: &System) -> Result<Vec<OverlaySource>, SiteError> {
    let layers = config_layers(system).map_err(SiteError::Layers)?;
    if layers.is_empty() { Ok(Vec::new()) } else { overlays(layers).map_err(SiteError::Config) }
}

impl Matrix {
    /// The embedded rows, with the rows of this machine and user over them.
    pub fn of_site(system: &System) -> Result<Self, SiteError> {
        of_sources(system, &sources(system)?, None)
    }
}

/// The frameworks that a manifest can name here, for commands that need no rows. It omits unreadable sources, because
/// the commands that need rows report them.
#[must_use]
pub fn vocabulary(system: &System) -> Vocabulary {
    let mut files = Vec::new();
    for source in sources(system).unwrap_or_default() {
        match source.folder(&system.home()) {
            Some(folder) => files.extend(read_dir(&folder).unwrap_or_default()),
            None => files.extend(kept(system, &source).map(CachedArchive::rows).unwrap_or_default()),
        }
    }
    for folder in own_folders(system).iter().filter(|folder| folder.is_dir()) {
        files.extend(read_dir(folder).unwrap_or_default());
    }
    Vocabulary::default().with(files.iter().filter_map(RowFile::framework_words))
}

impl RowFile {
    /// The names of the framework in this file, if the file has a head.
    fn framework_words(&self) -> Option<FrameworkWords> {
        #[derive(Deserialize)]
        struct Head {
            framework: super::rows::FrameworkHead,
        }
        let is_framework = self.path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "frameworks");
        let head: Head = is_framework.then(|| toml::from_str(&self.text).ok())??;
        Some(FrameworkWords::new(head.framework.id, &head.framework.package, &head.framework.aliases))
    }
}

/// Accepts an archive downloaded from `source`: unpacks it, checks its rows together with the others, and keeps them.
/// On any error, the rows kept before remain.
pub fn take(system: &System, source: &OverlaySource, bytes: &[u8]) -> Result<Fetched, SiteError> {
    let name = shown(source);
    let digest = hex(&Sha256::digest(bytes));
    if let Some(wanted) = source.digest().filter(|wanted| *wanted != digest) {
        let wanted = wanted.to_owned();
        return Err(SiteError::Overlay(OverlayError::Digest { source_name: name, wanted, found: digest }));
    }
    let refused = |error| SiteError::Overlay(OverlayError::Archive { source_name: name.clone(), error });
    let rows = archive::rows(bytes).map_err(refused)?;
    let rows: Vec<RowFile> = rows.into_iter().map(|file| named(&name, &file.path, file.text)).collect();
    let sources = sources(system)?;
    let without = of_sources(system, &sources, Some((source, &[])))?.check();
    let with = of_sources(system, &sources, Some((source, &rows)));
    let mut findings = with.map_err(|error| SiteError::Overlay(OverlayError::Rows(Box::new(error))))?.check();
    findings.retain(|finding| !without.contains(finding));
    if !findings.is_empty() {
        return Err(SiteError::Overlay(OverlayError::Unsound { source_name: name, findings }));
    }
    let unchanged = kept(system, source).is_ok_and(|kept| kept.digest == digest);
    let plain = |file: &RowFile| Some((file.path.strip_prefix(&name).ok()?.to_str()?.to_owned(), file.text.clone()));
    let files: BTreeMap<String, String> = rows.iter().filter_map(plain).collect();
    let fetched = Fetched { source: name, digest: digest.clone(), files: files.len(), unchanged };
    let url = without_password(source.url().unwrap_or_default());
    let kept = CachedArchive { version: VERSION, url, digest, fetched: system.now(), files };
    let text = serde_json::to_string(&kept).expect("texts and numbers are JSON");
    private_directory(&kept_in(system)).map_err(SiteError::Layers)?;
    replace(&kept_at(system, source), text.as_bytes(), 0o644).map_err(SiteError::Layers)?;
    Ok(fetched)
}

/// Deletes the kept archives of sources that the configuration no longer names.
pub fn forget_others(system: &System, sources: &[OverlaySource]) {
    let wanted: Vec<PathBuf> = sources.iter().map(|source| kept_at(system, source)).collect();
    let entries = std::fs::read_dir(kept_in(system)).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| !wanted.contains(path)) {
        let _ = std::fs::remove_file(path);
    }
}

/// The embedded rows, with each source's rows and then the two folders over them. `instead` replaces the kept archive
/// of one source.
fn of_sources(
    system: &System,
    sources: &[OverlaySource],
    instead: Option<(&OverlaySource, &[RowFile])>,
) -> Result<Matrix, SiteError> {
    let mut matrix = Matrix::embedded().with_published(system);
    for source in sources {
        let given = instead.filter(|(replaced, _)| *replaced == source).map(|(_, rows)| rows);
        matrix = match (given, source.folder(&system.home())) {
            (Some(rows), _) => matrix.with_rows(rows)?,
            (None, Some(folder)) if folder.is_dir() => matrix.with_dir(&folder)?,
            (None, Some(_)) => matrix.noting(source, OverlayState::NoFolder),
            (None, None) => match kept(system, source) {
                Err(state) => matrix.noting(source, state),
                Ok(kept) => {
                    let days = system.now().saturating_sub(kept.fetched) / 86_400;
                    let matrix = matrix.with_rows(&kept.rows())?;
                    if days > OLD { matrix.noting(source, OverlayState::Old { days }) } else { matrix }
                }
            },
        };
    }
    let own = own_folders(system);
    own.iter().filter(|folder| folder.is_dir()).try_fold(matrix, |matrix, folder| matrix.with_dir(folder))
}

fn own_folders(system: &System) -> [PathBuf; 2] {
    [PathBuf::from(SITE), system.config_home().join("matrix")]
}

impl Matrix {
    fn noting(mut self, source: &OverlaySource, state: OverlayState) -> Self {
        self.notices.push(OverlayNotice { source: shown(source), state });
        self
    }
}

impl CachedArchive {
    fn rows(self) -> Vec<RowFile> {
        let url = self.url;
        self.files.into_iter().map(|(path, text)| named(&url, Path::new(&path), text)).collect()
    }
}

/// The file as errors name it: `https://lab.example/matrix.tar.gz/gpus.toml`.
fn named(source: &str, path: &Path, text: String) -> RowFile {
    RowFile { path: Path::new(source).join(path), text }
}

/// The kept archive of a source, or the reason why none exists.
fn kept(system: &System, source: &OverlaySource) -> Result<CachedArchive, OverlayState> {
    let text = files::read_text(&kept_at(system, source), files::DOCUMENT).map_err(|_| OverlayState::NeverFetched)?;
    let kept: CachedArchive = serde_json::from_str(&text).map_err(|_| OverlayState::Damaged)?;
    match source.digest() {
        _ if kept.version != VERSION => Err(OverlayState::Damaged),
        Some(wanted) if wanted != kept.digest => Err(OverlayState::OtherDigest),
        _ => Ok(kept),
    }
}

fn kept_at(system: &System, source: &OverlaySource) -> PathBuf {
    let name = hex(&Sha256::digest(source.url().unwrap_or_default())[..8]);
    kept_in(system).join(format!("{name}.json"))
}

fn kept_in(system: &System) -> PathBuf {
    system.state_home().join("matrix")
}

/// The source in a form that can be shown.
fn shown(source: &OverlaySource) -> String {
    source.url().map_or_else(|| source.as_str().to_owned(), without_password)
}
