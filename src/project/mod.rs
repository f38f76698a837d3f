//! The locations of a project's files: the manifest, its lock, and the data that this host stores about the
//! environment.
//!
//! A project is the directory that contains `envctl.toml`. Its environment has its own identity ([`EnvironmentId`]),
//! made of the name, the directory and the caller. So two checkouts, or two users of one engine, never share a
//! container. This room does not interpret the files.

use std::path::{Path, PathBuf};

use crate::event::{Notice, Sink};
use crate::files::{self, FileError, RootedDirectory};
use crate::manifest::EnvironmentName;
use crate::system::System;

mod config;
pub mod environment;
mod error;
pub mod guard;
mod id;
mod owners;
pub mod pyproject;
pub mod state;
pub mod write;

pub use config::config_layers;
pub use environment::Environment;
pub use error::{MANIFEST, ProjectError};
pub use guard::EnvironmentGuard;
pub use id::EnvironmentId;
pub use state::State;

use owners::Owners;

/// The directory and the manifest of a project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The directory, without symbolic links.
    pub root: PathBuf,
    /// The same directory, open: every file of the project is read and written inside it.
    pub directory: RootedDirectory,
    pub manifest: PathBuf,
    /// The user ID of the environment's user.
    uid: u32,
    /// The host name, for a home that several machines share.
    host: String,
    state_home: PathBuf,
    owners: Owners,
}

impl Project {
    /// Finds the project of the working directory, or of the named manifest. A found project must belong to the
    /// caller or to root, or its directory must be listed as safe. A named one may belong to anybody.
    pub fn find(system: &System, manifest: Option<&Path>) -> Result<Self, ProjectError> {
        match manifest {
            Some(path) if is_standard_input(path) => Err(ProjectError::StandardInput { path: path.to_path_buf() }),
            Some(path) => Self::named(system, &system.directory.join(path)),
            None => Self::found(system, upward(&system.directory)?),
        }
    }

    fn named(system: &System, file: &Path) -> Result<Self, ProjectError> {
        let unreadable = |problem| FileError::read(file, problem);
        let opened = files::open(file).map_err(unreadable)?;
        let file = file.canonicalize().map_err(|error| unreadable(error.into()))?;
        let directory = RootedDirectory::open(file.parent().unwrap_or(Path::new("/")))?;
        let owners = Owners::of_caller(system).with([opened.owner(), directory.owner()?]);
        Ok(Self::of(system, directory, file, owners))
    }

    fn found(system: &System, directory: &Path) -> Result<Self, ProjectError> {
        let directory = RootedDirectory::open(directory)?;
        let owners = Owners::of_caller(system);
        owners.check(directory.owner()?, directory.path(), directory.path())?;
        let manifest = directory.path().join(MANIFEST);
        Ok(Self::of(system, directory, manifest, owners))
    }

    fn of(system: &System, directory: RootedDirectory, manifest: PathBuf, owners: Owners) -> Self {
        let root = directory.path().to_path_buf();
        let (uid, host, state_home) = (system.uid, host_name(), system.state_home());
        Self { root, directory, manifest, uid, host, state_home, owners }
    }

    /// Returns the text of a deciding file (manifest, overlay, lock) directly in the project; `None` if it is
    /// missing. Its owner must be trusted.
    pub fn deciding_text(&self, path: &Path, limit: u64) -> Result<Option<String>, ProjectError> {
        let name = path.file_name().unwrap_or_default();
        let opened = self.directory.file(name.as_ref());
        if let Ok(file) = &opened {
            self.owners.check(file.owner(), path, &self.root)?;
        }
        let read = self.directory.recorded(name.as_ref(), opened.and_then(|file| file.bytes(limit)));
        Ok(files::if_there(read)?.map(|bytes| files::text(path, bytes)).transpose()?)
    }

    /// Returns the lock's path: `envctl.lock`, or `gpu.lock` for a `gpu.toml`.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.manifest.with_extension("lock")
    }

    /// Returns the path of the user's own overlay, which belongs in no repository: `envctl.local.toml`.
    #[must_use]
    pub fn local_path(&self) -> PathBuf {
        self.manifest.with_extension("local.toml")
    }

    /// Returns the identity of this project's environment with this name.
    #[must_use]
    pub fn id(&self, name: &EnvironmentName) -> EnvironmentId {
        EnvironmentId::new(name.as_str(), self.place(), self.uid)
    }

    /// Returns the path for the identity: the directory for the usual manifest, otherwise the manifest.
    fn place(&self) -> &Path {
        let usual = self.manifest.file_name().is_some_and(|file| file == MANIFEST);
        if usual { &self.root } else { &self.manifest }
    }

    /// Returns the directory of the environment's state on this host.
    #[must_use]
    pub fn state_directory(&self, id: &EnvironmentId) -> PathBuf {
        state_root(&self.state_home, &self.host).join(id.as_str())
    }
}

/// Whether a name means standard input. A file with the name `-` is written as `./-`.
#[must_use]
pub fn is_standard_input(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path.as_os_str() == *name)
}

/// Returns the directory with the states of all environments, one directory for each ID. The path contains the host
/// name, because several machines with their own engines may share a home.
#[must_use]
pub fn environments_directory(system: &System) -> PathBuf {
    state_root(&system.state_home(), &host_name())
}

/// Waits for the turn to start a container. What a start checks about the other environments of this user then holds
/// until the engine has started the container, because every start takes a turn. Machines that share a home have a turn
/// each.
///
/// # Errors
/// The directory of the turns cannot be written.
pub async fn take_start_turn(system: &System, sink: &dyn Sink) -> Result<EnvironmentGuard, ProjectError> {
    let directory = system.state_home().join("starts").join(host_name());
    EnvironmentGuard::take(&directory, Notice::WaitingForStart, sink).await
}

fn state_root(state_home: &Path, host: &str) -> PathBuf {
    state_home.join("environments").join(host)
}

fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let safe = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
    if safe { name } else { "localhost".to_owned() }
}

/// Returns the nearest directory with an entry of the manifest's name. The reader of the entry checks its kind.
fn upward(from: &Path) -> Result<&Path, ProjectError> {
    let found = from.ancestors().find(|directory| directory.join(MANIFEST).symlink_metadata().is_ok());
    found.ok_or_else(|| ProjectError::NoManifest { from: from.to_path_buf() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;
    use crate::files::FileProblem;

    fn system(directory: &Path, home: &Path) -> System {
        let mut system = System::for_tests();
        system.variables.clear();
        system.variables.insert("HOME".to_owned(), home.display().to_string());
        system.directory = directory.to_path_buf();
        system.uid = 1000;
        system
    }

    #[test]
    fn found_from_below() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MANIFEST), "").unwrap();
        let below = dir.path().join("src/deep");
        std::fs::create_dir_all(&below).unwrap();
        let project = Project::find(&system(&below, dir.path()), None).unwrap();
        assert_eq!(project.root, dir.path().canonicalize().unwrap());
        assert_eq!(project.lock_path(), project.root.join("envctl.lock"));
        assert_eq!(project.local_path(), project.root.join("envctl.local.toml"));
    }

    #[test]
    fn missing_is_a_usage_error() {
        let dir = tempfile::tempdir().unwrap();
        let error = Project::find(&system(dir.path(), dir.path()), Some(Path::new("no.toml"))).unwrap_err();
        assert!(matches!(error, ProjectError::File(FileError { problem: FileProblem::System(_), .. })), "{error}");
    }

    #[test]
    fn standard_input_is_no_project() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["-", "/dev/stdin"] {
            let error = Project::find(&system(dir.path(), dir.path()), Some(Path::new(name))).unwrap_err();
            assert_eq!(error.kind(), "standard-input", "{error}");
        }
        std::fs::write(dir.path().join("-"), "").unwrap();
        assert!(Project::find(&system(dir.path(), dir.path()), Some(Path::new("./-"))).is_ok());
    }

    #[test]
    fn two_manifests_of_one_directory_are_two_environments() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["envctl.toml", "gpu.toml"] {
            std::fs::write(dir.path().join(file), "").unwrap();
        }
        let system = system(dir.path(), dir.path());
        let one = Project::find(&system, None).unwrap();
        let other = Project::find(&system, Some(Path::new("gpu.toml"))).unwrap();
        assert_ne!(one.place(), other.place());
        assert_eq!(other.lock_path().file_name().unwrap(), "gpu.lock");
    }
}
