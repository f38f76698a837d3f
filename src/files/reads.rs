//! The record of all reads, which shows later whether any of that data has changed.
//!
//! A [`RootedDirectory`](super::RootedDirectory) records every read itself, so that no reader can forget it. A
//! written file is recorded with its new bytes, because the next read is to find them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{FileProblem, OpenedFile, TreeLimits};

/// An input from outside the program that a command depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReadItem {
    /// The bytes of a file in the project, or of one that the project names.
    File {
        /// The absolute path.
        path: String,
    },
    /// The bytes of a file of the caller or the machine.
    CallersFile { path: String },
    /// The size and time of a large file of the caller or the machine, such as the bundle of certificates.
    LargeCallersFile { path: String },
    /// The names with a suffix in a directory of the caller.
    CallersNames {
        /// The directory's path.
        path: String,
        suffix: String,
    },
    /// The sizes and times of all files in a tree; their bytes may be too many.
    Tree {
        /// The start of the tree, relative to the root directory.
        path: String,
        /// The limits of the walk.
        limits: TreeLimits,
    },
    /// A variable of the caller.
    Variable { name: String },
}

/// The record of one command's reads. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    found: BTreeMap<ReadItem, [u8; 32]>,
    /// Whether later changes cannot be detected: two reads of the same item differed, or a name is not text.
    unclear: bool,
}

/// The items that were read, and a fingerprint of their content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSummary {
    /// The items that were read.
    pub items: Vec<ReadItem>,
    /// The hash of the content. It reveals no bytes of a file.
    pub fingerprint: [u8; 32],
}

impl Reads {
    /// Records the value of a variable, or its absence.
    pub fn variable(&self, name: &str, value: Option<&str>) {
        let item = ReadItem::Variable { name: name.to_owned() };
        self.add(Some(item), digest(&[&[u8::from(value.is_some())], value.unwrap_or_default().as_bytes()]));
    }

    /// Records the bytes of a file, or the reason why they are missing.
    pub(super) fn file(&self, path: &Path, found: Result<&[u8], &FileProblem>) {
        let item = path.to_str().map(|path| ReadItem::File { path: path.to_owned() });
        self.add(item, of_file(found));
    }

    /// Records the present bytes of a file in place of an earlier read.
    pub(super) fn written(&self, path: &Path, bytes: &[u8]) {
        if let Some(path) = path.to_str() {
            self.record().found.insert(ReadItem::File { path: path.to_owned() }, of_file(Ok(bytes)));
        }
    }

    /// Records the present bytes of a file of the caller, as `written` does.
    pub fn callers_written(&self, path: &Path, bytes: &[u8]) {
        if let Some(path) = path.to_str() {
            self.record().found.insert(ReadItem::CallersFile { path: path.to_owned() }, of_file(Ok(bytes)));
        }
    }

    pub(super) fn callers_file(&self, path: &Path, found: Result<&[u8], &FileProblem>) {
        self.add(path.to_str().map(|path| ReadItem::CallersFile { path: path.to_owned() }), of_file(found));
    }

    pub(super) fn large_callers_file(&self, path: &Path, found: Result<&OpenedFile, &FileProblem>) {
        let found = match found.map(OpenedFile::state) {
            Ok(state) => digest(&[b"state", state.as_bytes()]),
            Err(problem) => of_file(Err(problem)),
        };
        self.add(path.to_str().map(|path| ReadItem::LargeCallersFile { path: path.to_owned() }), found);
    }

    pub(super) fn callers_names(&self, path: &Path, suffix: &str, names: &[std::ffi::OsString]) {
        let parts: Vec<&[u8]> = names.iter().map(|name| name.as_encoded_bytes()).collect();
        let item =
            path.to_str().map(|path| ReadItem::CallersNames { path: path.to_owned(), suffix: suffix.to_owned() });
        self.add(item, digest(&parts));
    }

    pub(super) fn tree(&self, path: &Path, limits: TreeLimits, found: [u8; 32]) {
        self.add(path.to_str().map(|path| ReadItem::Tree { path: path.to_owned(), limits }), found);
    }

    fn add(&self, item: Option<ReadItem>, found: [u8; 32]) {
        let mut record = self.record();
        let Some(item) = item else {
            record.unclear = true;
            return;
        };
        match record.found.entry(item) {
            Entry::Vacant(place) => {
                place.insert(found);
            }
            Entry::Occupied(known) if *known.get() == found => {}
            Entry::Occupied(_) => record.unclear = true,
        }
    }

    /// Returns the whole record; `None` if something changed between two reads, so that the record matches no single
    /// state.
    #[must_use]
    pub fn summary(&self) -> Option<ReadSummary> {
        let record = self.record();
        if record.unclear {
            return None;
        }
        let parts: Vec<Vec<u8>> =
            record.found.iter().map(|(item, found)| [format!("{item:?}").as_bytes(), found].concat()).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        Some(ReadSummary { items: record.found.keys().cloned().collect(), fingerprint: digest(&parts) })
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        // Each change is one insertion, so a panic leaves a complete record.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_file(found: Result<&[u8], &FileProblem>) -> [u8; 32] {
    match found {
        Ok(bytes) => digest(&[b"bytes", bytes]),
        Err(problem) => digest(&[b"none", problem.to_string().as_bytes()]),
    }
}

/// Hashes the parts. Their lengths keep two adjacent parts apart.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
