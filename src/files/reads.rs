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

use super::{FileProblem, TreeLimits};

/// Something outside the program that a command depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReadItem {
    /// The bytes of a file that the project has or names.
    File {
        /// Its path, absolute.
        path: String,
    },
    /// The bytes of a file of the caller's or the machine's.
    CallersFile {
        /// Its path.
        path: String,
    },
    /// The names in a directory of the caller's that end in a suffix.
    CallersNames {
        /// The directory's path.
        path: String,
        /// The end of the names.
        suffix: String,
    },
    /// The sizes and times of all files of a tree, of whose bytes there may be many.
    Tree {
        /// Where it begins, relative to the directory that is its root.
        path: String,
        /// How far the walk goes.
        limits: TreeLimits,
    },
    /// A variable of the caller.
    Variable {
        /// Its name.
        name: String,
    },
}

/// The record of one command. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    found: BTreeMap<ReadItem, [u8; 32]>,
    /// Something read twice differed, or has a name that is no text: whether it changes later can't be found out.
    unclear: bool,
}

/// What was read, and a fingerprint over all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSummary {
    /// What was read.
    pub items: Vec<ReadItem>,
    /// The hash of what was found. It does not show the bytes of any one file.
    pub fingerprint: [u8; 32],
}

impl Reads {
    /// Records the value of a variable, or that it is not set.
    pub fn variable(&self, name: &str, value: Option<&str>) {
        let item = ReadItem::Variable { name: name.to_owned() };
        self.add(Some(item), digest(&[&[u8::from(value.is_some())], value.unwrap_or_default().as_bytes()]));
    }

    /// Records the bytes of a file, or why there are none.
    pub(super) fn file(&self, path: &Path, found: Result<&[u8], &FileProblem>) {
        let item = path.to_str().map(|path| ReadItem::File { path: path.to_owned() });
        self.add(item, of_file(found));
    }

    /// Records the bytes that a file has now, whatever was read before.
    pub(super) fn written(&self, path: &Path, bytes: &[u8]) {
        if let Some(path) = path.to_str() {
            self.record().found.insert(ReadItem::File { path: path.to_owned() }, of_file(Ok(bytes)));
        }
    }

    /// The same for a file of the caller's.
    pub fn callers_written(&self, path: &Path, bytes: &[u8]) {
        if let Some(path) = path.to_str() {
            self.record().found.insert(ReadItem::CallersFile { path: path.to_owned() }, of_file(Ok(bytes)));
        }
    }

    pub(super) fn callers_file(&self, path: &Path, found: Result<&[u8], &FileProblem>) {
        self.add(path.to_str().map(|path| ReadItem::CallersFile { path: path.to_owned() }), of_file(found));
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

    /// All of it; none where something changed between two reads, so that the record stands for no one state.
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
        // Each change is one insertion: what a panic leaves is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of_file(found: Result<&[u8], &FileProblem>) -> [u8; 32] {
    match found {
        Ok(bytes) => digest(&[b"bytes", bytes]),
        Err(problem) => digest(&[b"none", problem.to_string().as_bytes()]),
    }
}

/// Lengths keep two parts from being read as one.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
