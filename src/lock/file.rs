//! The path of a lock: a team's lock is in the project, and other locks belong to this host alone.
//!
//! A team's lock is read and written beneath the project's directory, so that no link leads outside.

use std::path::{Path, PathBuf};

use super::{Lock, WrittenLock, parse, to_text};
use crate::error::Result;
use crate::files::{self, RootedDirectory};
use crate::project::{Project, write};

/// The file of a lock. It need not exist.
#[derive(Clone, Copy, Debug)]
pub enum LockFile<'a> {
    /// A file beside the manifest. It is read and written beneath the project's directory.
    Team(&'a Project),
    /// A file in this host's state, with the project directory that records the access.
    Own(&'a Path, &'a RootedDirectory),
}

impl LockFile<'_> {
    /// The path, for messages.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Team(project) => project.lock_path(),
            Self::Own(path, _) => path.to_path_buf(),
        }
    }

    /// The lock as written. `None`: no such file.
    pub fn read(&self) -> Result<Option<WrittenLock>> {
        let text = match self {
            Self::Team(project) => project.deciding_text(&project.lock_path(), files::DOCUMENT)?,
            Self::Own(path, directory) => files::if_there(directory.read_callers_text(path, files::DOCUMENT))?,
        };
        Ok(text.map(|text| parse(&text, &self.path())).transpose()?)
    }

    /// Replaces the file as a whole, or not at all.
    pub fn write(&self, lock: &Lock) -> Result<()> {
        let text = to_text(lock);
        match self {
            Self::Team(project) => {
                let path = project.lock_path();
                Ok(project.directory.replace(path.file_name().unwrap_or_default(), text.as_bytes(), 0o644)?)
            }
            Self::Own(path, directory) => {
                write::replace(path, text.as_bytes(), 0o644)?;
                directory.reads().callers_written(path, text.as_bytes());
                Ok(())
            }
        }
    }
}
