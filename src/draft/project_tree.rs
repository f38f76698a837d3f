//! The files that a draft is made from: a directory, or texts in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::files::{FileError, FileProblem, RootedDirectory};

/// The files of a project.
pub trait ProjectTree {
    /// The directory's name.
    fn name(&self) -> String;

    /// The names in a directory, and whether each is a directory. The list ends at `limit`; a missing directory has none.
    fn names(&self, directory: &str, limit: usize) -> Vec<(String, bool)>;

    /// The bytes of a file with at most `limit`.
    fn bytes(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError>;
}

impl ProjectTree for RootedDirectory {
    fn name(&self) -> String {
        self.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn names(&self, directory: &str, limit: usize) -> Vec<(String, bool)> {
        self.listed(directory, limit).unwrap_or_default()
    }

    fn bytes(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        self.read(path, limit)
    }
}

/// Files in memory, by their paths.
#[derive(Clone, Debug, Default)]
pub struct FilesInMemory(pub BTreeMap<String, Vec<u8>>);

impl ProjectTree for FilesInMemory {
    fn name(&self) -> String {
        "project".to_owned()
    }

    fn names(&self, directory: &str, limit: usize) -> Vec<(String, bool)> {
        let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(&start));
        let named = inside.map(|rest| rest.split_once('/').map_or((rest, false), |(name, _)| (name, true)));
        let once: BTreeSet<(&str, bool)> = named.collect();
        once.into_iter().take(limit).map(|(name, is_directory)| (name.to_owned(), is_directory)).collect()
    }

    fn bytes(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let Some(bytes) = self.0.get(path) else { return Err(FileError::missing(Path::new(path))) };
        let size = bytes.len() as u64;
        if size <= limit {
            return Ok(bytes.clone());
        }
        Err(FileError::read(Path::new(path), FileProblem::TooLarge { size: Some(size), limit }))
    }
}
