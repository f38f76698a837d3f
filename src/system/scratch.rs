//! Directories for the temporary files of one command.
//!
//! The next command removes directories that a killed command left.

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use tempfile::TempDir;

use super::System;

/// The file in each directory with a lock that shows that its process still works.
const HOLD: &str = ".hold";

/// A directory that only this process uses. It is private to its user and is removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    directory: TempDir,
    _hold: File,
}

impl Scratch {
    /// Creates a directory in the cache of this user.
    pub fn new(system: &System) -> io::Result<Self> {
        Self::beneath(&system.cache_home().join("tmp"))
    }

    /// Creates a directory in `parent`, which contains nothing else. Directories of killed processes are removed
    /// first.
    pub fn beneath(parent: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        // The gate stops a sweep while another process has created a directory and does not hold it yet.
        let gate = File::create(parent.join("lock"))?;
        gate.lock()?;
        sweep(parent);
        let private = Permissions::from_mode(0o700);
        let directory = tempfile::Builder::new().prefix("envctl-").permissions(private).tempdir_in(parent)?;
        let hold = File::create(directory.path().join(HOLD))?;
        hold.lock()?;
        Ok(Self { directory, _hold: hold })
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes directories without a holder. A failed removal is tried again next time.
fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let directory = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let held = File::open(directory.join(HOLD)).is_ok_and(|hold| hold.try_lock().is_err());
        if !held {
            let _ = std::fs::remove_dir_all(&directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_left_goes_and_what_is_held_stays() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path().join("tmp");
        let held = Scratch::beneath(&parent).unwrap();
        assert_eq!(held.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let left = parent.join("envctl-left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(HOLD), "").unwrap();
        std::fs::write(left.join("pyproject.toml"), "secret").unwrap();
        let next = Scratch::beneath(&parent).unwrap();
        assert!(held.path().exists() && next.path().exists() && !left.exists());
        drop((held, next));
        assert_eq!(std::fs::read_dir(&parent).unwrap().count(), 1, "the lock alone stays");
    }
}
