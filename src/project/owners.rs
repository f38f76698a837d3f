//! Checks the owner of a project's files before they count.
//!
//! A manifest that is found in a parent directory may be from somebody else (`/tmp`, a shared directory). So its
//! owner must be the caller or root. The exceptions are a file that the caller named, and a directory that
//! `[projects] safe-directories` lists. This is the rule of git's `safe.directory`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ProjectError;
use super::config::{config_files, read_config};
use crate::manifest::{LayerKind, safe_directories};
use crate::system::{System, user_name};

/// The users whose files may decide for a project.
#[derive(Clone, Debug)]
pub(super) struct Owners {
    users: BTreeSet<u32>,
    home: PathBuf,
    config: [(LayerKind, PathBuf); 2],
}

impl Owners {
    /// The caller and root.
    pub(super) fn of_caller(system: &System) -> Self {
        Self { users: BTreeSet::from([system.uid, 0]), home: system.home(), config: config_files(system) }
    }

    /// Adds these users, for a file that the caller named, and its directory.
    pub(super) fn with(mut self, users: impl IntoIterator<Item = u32>) -> Self {
        self.users.extend(users);
        self
    }

    /// Succeeds if the owner of `path`, in the project at `root`, may decide; the error names the owner.
    pub(super) fn check(&self, owner: u32, path: &Path, root: &Path) -> Result<(), ProjectError> {
        if self.users.contains(&owner) {
            return Ok(());
        }
        let listed = safe_directories(read_config(&self.config)?).map_err(ProjectError::Config)?;
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        if listed.iter().any(|directory| directory.covers(root, &self.home, real)) {
            return Ok(());
        }
        let [_, (_, own_config)] = &self.config;
        Err(ProjectError::ForeignOwner {
            path: path.to_path_buf(),
            owner: user_name(owner),
            uid: owner,
            root: root.to_path_buf(),
            config: own_config.clone(),
        })
    }
}
