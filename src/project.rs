//! Where a project's files lie: the manifest and its lock beside it, and what this host remembers of the environment.
//!
//! A project is the directory that holds `envctl.toml`. Its environment has an identity of its own ([`EnvironmentId`]),
//! made of the name, the directory and the caller, so that two checkouts, or two people on one engine, never meet in one
//! container. Nothing here reads what the files mean.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Exit, Report, Snippet};
use crate::files::{self, FileError, RootedDirectory};
use crate::manifest::{EnvironmentName, ManifestError};
use crate::system::System;

pub mod environment;
pub mod guard;
mod owners;
pub mod state;
pub mod write;

pub use environment::{Environment, layers};
pub use guard::EnvironmentGuard;
pub use state::State;

use owners::Owners;

/// What a manifest is called.
pub const MANIFEST: &str = "envctl.toml";

/// A manifest's place.
#[derive(Clone, Debug)]
pub struct Project {
    /// The directory, without symbolic links.
    pub root: PathBuf,
    /// The same, open: every file of the project is read and written beneath it.
    pub directory: RootedDirectory,
    /// The manifest.
    pub manifest: PathBuf,
    /// Whom the environment is for.
    uid: u32,
    /// The machine, for homes that several share.
    host: String,
    state_home: PathBuf,
    owners: Owners,
}

impl Project {
    /// The project that the working directory is in, or that of the manifest named. One that is found belongs to the
    /// caller or to root, or its directory is listed as safe; one that is named may be anybody's.
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

    /// The text of a file that decides for the project (manifest, overlay, lock), which lies directly in it; none where
    /// it is missing. It must belong to somebody who may decide.
    pub fn deciding_text(&self, path: &Path, limit: u64) -> Result<Option<String>, ProjectError> {
        let name = path.file_name().unwrap_or_default();
        let opened = self.directory.file(name.as_ref());
        if let Ok(file) = &opened {
            self.owners.check(file.owner(), path, &self.root)?;
        }
        let read = self.directory.recorded(name.as_ref(), opened.and_then(|file| file.bytes(limit)));
        Ok(files::if_there(read)?.map(|bytes| files::text(path, bytes)).transpose()?)
    }

    /// `envctl.lock`, or `gpu.lock` beside a `gpu.toml`.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.manifest.with_extension("lock")
    }

    /// The overlay that is one person's and ignored by git: `envctl.local.toml`.
    #[must_use]
    pub fn local_path(&self) -> PathBuf {
        self.manifest.with_extension("local.toml")
    }

    /// The identity of this project's environment under a name.
    #[must_use]
    pub fn id(&self, name: &EnvironmentName) -> EnvironmentId {
        EnvironmentId::new(name.as_str(), self.place(), self.uid)
    }

    /// The usual manifest stands for its directory; any other one of the directory for itself.
    fn place(&self) -> &Path {
        let usual = self.manifest.file_name().is_some_and(|file| file == MANIFEST);
        if usual { &self.root } else { &self.manifest }
    }

    /// What this host remembers of the environment.
    #[must_use]
    pub fn state_directory(&self, id: &EnvironmentId) -> PathBuf {
        state_root(&self.state_home, &self.host).join(id.as_str())
    }
}

/// Whether a name stands for standard input. A file that is called `-` is named `./-`.
#[must_use]
pub fn is_standard_input(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path.as_os_str() == *name)
}

/// What this host remembers of every environment: a directory each, by ID. The host's name is part of the path because a
/// home may be shared by many, each with an engine of its own.
#[must_use]
pub fn environments_directory(system: &System) -> PathBuf {
    state_root(&system.state_home(), &host_name())
}

fn state_root(state_home: &Path, host: &str) -> PathBuf {
    state_home.join("environments").join(host)
}

fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let safe = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
    if safe { name } else { "localhost".to_owned() }
}

/// The nearest directory with anything that is called like a manifest: what it is, its reader says.
fn upward(from: &Path) -> Result<&Path, ProjectError> {
    let found = from.ancestors().find(|directory| directory.join(MANIFEST).symlink_metadata().is_ok());
    found.ok_or_else(|| ProjectError::NoManifest { from: from.to_path_buf() })
}

/// An environment's identity: `vision-lab-1a2b3c4d`. What the engine keeps for it is named after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentId(String);

impl EnvironmentId {
    fn new(name: &str, place: &Path, uid: u32) -> Self {
        use std::os::unix::ffi::OsStrExt;
        let mut hash = Sha256::new();
        hash.update(place.as_os_str().as_bytes());
        hash.update([0]);
        hash.update(uid.to_string());
        let digest = hash.finalize();
        Self(format!("{name}-{}", hex(&digest[..4])))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The container's name.
    #[must_use]
    pub fn container(&self) -> String {
        format!("envctl-{}", self.0)
    }

    /// The name of the container through which a volume is read. It never starts.
    #[must_use]
    pub fn reader(&self) -> String {
        format!("{}-reader", self.container())
    }

    /// The volume with the SSH server's own files.
    #[must_use]
    pub fn ssh_volume(&self) -> String {
        format!("envctl-{}-ssh", self.0)
    }

    /// The volume with the home directory.
    #[must_use]
    pub fn home_volume(&self) -> String {
        format!("envctl-{}-home", self.0)
    }
}

/// Two lower-case digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be wrong with a project's files, apart from what they say.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No manifest here or above.
    #[error("there is no `envctl.toml` in `{}` or above it", from.display())]
    NoManifest {
        /// Where the search began.
        from: PathBuf,
    },
    /// The manifest is to be read from standard input.
    #[error("`{}` is standard input, and an environment belongs to the directory of its manifest", path.display())]
    StandardInput {
        /// As named.
        path: PathBuf,
    },
    /// A file is not read or not written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that would decide for the project, or its directory, is somebody else's.
    #[error("`{}` belongs to {}, and neither to you nor to root", path.display(), user_words(owner.as_deref(), *uid))]
    ForeignOwner {
        /// The file or directory.
        path: PathBuf,
        /// Its owner's name; none where this machine knows none.
        owner: Option<String>,
        /// Its owner.
        uid: u32,
        /// The project's directory.
        root: PathBuf,
        /// The caller's own configuration.
        config: PathBuf,
    },
    /// The configuration that lists safe directories is wrong.
    #[error(transparent)]
    Config(ManifestError),
    /// A file can't be written.
    #[error("can't write `{}`: {reason}", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The state was written by a later envctl.
    #[error("`{}` has version {version}, and this envctl knows versions up to {known}", path.display())]
    StateTooNew {
        /// Which.
        path: PathBuf,
        /// What it says.
        version: u64,
        /// What is known here.
        known: u32,
    },
    /// The state is no state.
    #[error("`{}` is damaged: {reason}", path.display())]
    StateDamaged {
        /// Which.
        path: PathBuf,
        /// The parser's words.
        reason: String,
    },
}

impl Report for ProjectError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NoManifest { .. } => "no-manifest",
            Self::StandardInput { .. } => "standard-input",
            Self::File(error) => error.kind(),
            Self::ForeignOwner { .. } => "foreign-owner",
            Self::Config(error) => error.kind(),
            Self::Unwritable { .. } => "unwritable",
            Self::StateTooNew { .. } => "state-too-new",
            Self::StateDamaged { .. } => "state-damaged",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NoManifest { .. } | Self::StandardInput { .. } | Self::ForeignOwner { .. } => Exit::Usage,
            Self::File(error) => error.exit(),
            Self::Config(error) => error.exit(),
            Self::Unwritable { .. } => Exit::Failed,
            Self::StateTooNew { .. } | Self::StateDamaged { .. } => Exit::Unusable,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoManifest { .. } => vec![
                "`envctl quickstart DIR` writes an example and brings it up".to_owned(),
                "`--manifest FILE` names a manifest in another place".to_owned(),
            ],
            Self::StandardInput { .. } => {
                vec!["`envctl check --manifest -` checks a manifest that comes on standard input".to_owned()]
            }
            Self::StateTooNew { .. } => vec!["use the envctl that wrote it, or a newer one".to_owned()],
            Self::StateDamaged { .. } => {
                vec!["`envctl up` keeps it under another name and takes the environment over".to_owned()]
            }
            Self::ForeignOwner { path, root, config, .. } => {
                let listed = toml::Value::from(vec![root.display().to_string()]);
                let list = format!(
                    "if you trust it, list its directory in `{}`: `[projects]`, `safe-directories = {listed}`",
                    config.display()
                );
                let name = || format!("or name it for once: `--manifest {}`", root.join(MANIFEST).display());
                let is_manifest = path == root || path.ends_with(MANIFEST);
                std::iter::once(list).chain(is_manifest.then(name)).collect()
            }
            Self::File(error) => error.hints(),
            Self::Config(error) => error.hints(),
            Self::Unwritable { .. } => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Config(error) => error.snippets(),
            _ => Vec::new(),
        }
    }

    fn parts(&self) -> Vec<&dyn Report> {
        match self {
            Self::Config(error) => error.parts(),
            _ => Vec::new(),
        }
    }
}

fn user_words(name: Option<&str>, uid: u32) -> String {
    name.map_or_else(|| format!("user {uid}"), |name| format!("`{name}` (user {uid})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileProblem;

    fn system(directory: &Path, home: &Path) -> System {
        let mut system = System::of_process();
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
    fn identity_follows_place_caller_and_manifest() {
        let place = Path::new("/srv/lab");
        let id = EnvironmentId::new("lab", place, 1000);
        assert_eq!(id, EnvironmentId::new("lab", place, 1000));
        assert_ne!(id, EnvironmentId::new("lab", place, 1001));
        assert_ne!(id, EnvironmentId::new("lab", Path::new("/srv/lab2"), 1000));
        assert!(id.as_str().starts_with("lab-") && id.as_str().len() == 12, "{id}");
        assert_eq!(id.container(), format!("envctl-{id}"));
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
