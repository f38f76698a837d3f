//! The state that this host stores for an environment between commands: its port, the last container, the user's
//! grants.
//!
//! envctl can restore all of it from the engine, except the grants and the keys next to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ProjectError, write};
use crate::engine::{ContainerId, GpuRoute};
use crate::files::{self, ReadItem};

/// The format that this envctl writes.
pub const VERSION: u32 = 1;

const FILE: &str = "state.json";

/// The state of one environment on one host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The format: 1.
    pub version: u32,
    /// The directory of the manifest.
    pub project: PathBuf,
    /// The manifest, for `ps` and for a second manifest in one directory.
    pub manifest: PathBuf,
    /// The environment's name.
    pub name: String,
    /// The engine it lives on.
    #[serde(default)]
    pub engine: String,
    /// Fingerprint of everything that the last complete `up` read. While it still holds and that container runs, there is
    /// nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
    /// What that was, so that it can be read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<ReadItem>,
    /// The container that the last complete `up` left running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerId>,
    /// The start of that container at which it was seen to answer, as the engine writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The image it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What it was made from, as sent to the engine: so that a change can be shown field by field. Values of variables
    /// are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<Value>,
    /// Its base image was made from the distribution's own packages: so is the next one, without being asked again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bootstrapped: bool,
    /// Hash of the files in the SSH volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_files: Option<String>,
    /// The host's port for SSH that envctl chose, kept for this environment, also while the manifest names another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_port: Option<u16>,
    /// The port for SSH that the manifest named at the last `up`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_ssh_port: Option<u16>,
    /// How this host gives containers a GPU, found by a dry start, and the driver it was found with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuMemory>,
    /// Limits that this engine is not permitted to set.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_limits: BTreeSet<String>,
    /// What the person agreed to beyond a container's usual walls, each by name and object.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub grants: BTreeSet<String>,
    /// Host ports chosen from the ranges that the manifest gives, by the range.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ports: BTreeMap<String, u16>,
    /// What the card at the end of `up` shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Value>,
    /// What a later envctl of the same format wrote and this one does not know: kept as it is.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// The GPU route that worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuMemory {
    /// How to ask.
    pub route: GpuRoute,
    /// The driver then; another one may offer another way.
    pub driver: String,
}

impl State {
    /// A state that remembers nothing yet.
    #[must_use]
    pub fn new(project: &Path, manifest: &Path, name: &str) -> Self {
        Self {
            version: VERSION,
            project: project.to_path_buf(),
            manifest: manifest.to_path_buf(),
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Reads what is remembered in an environment's state directory; `None` where nothing is.
    pub fn load(directory: &Path) -> Result<Option<Self>, ProjectError> {
        let path = directory.join(FILE);
        match files::read(&path, files::DOCUMENT) {
            Ok(bytes) => Self::parse(&path, &bytes).map(Some),
            Err(error) if error.problem.is_missing() => Ok(None),
            Err(error) if error.problem.is_of_system() => Err(error.into()),
            Err(error) => Err(ProjectError::StateDamaged { path, reason: error.problem.to_string() }),
        }
    }

    /// Writes it, whole or not at all.
    pub fn save(&self, directory: &Path) -> Result<(), ProjectError> {
        let mut text = serde_json::to_vec_pretty(self).expect("a state is plain data, which JSON can hold");
        text.push(b'\n');
        write::private_directory(directory)?;
        write::replace(&directory.join(FILE), &text, 0o600)
    }

    /// Keeps what belongs to the environment (port, grants, GPU route) and drops what belonged to its container.
    pub fn forget_container(&mut self) {
        self.inputs = None;
        self.reads.clear();
        self.container = None;
        self.started_at = None;
        self.spec = None;
        self.ssh_files = None;
        self.endpoint = None;
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, ProjectError> {
        let damaged = |error: serde_json::Error| ProjectError::StateDamaged {
            path: path.to_path_buf(),
            reason: error.to_string(),
        };
        let value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
        let version = value.get("version").and_then(Value::as_u64).unwrap_or(0);
        if version > u64::from(VERSION) {
            return Err(ProjectError::StateTooNew { path: path.to_path_buf(), version, known: VERSION });
        }
        serde_json::from_value(value).map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_remembered_at_first() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(State::load(dir.path()).unwrap(), None);
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let mut state = State::new(Path::new("/srv/lab"), Path::new("/srv/lab/envctl.toml"), "lab");
        state.ssh_port = Some(2222);
        state.gpu = Some(GpuMemory { route: GpuRoute::Cdi, driver: "550.144.03".to_owned() });
        state.grants.insert("abc".to_owned());
        state.save(dir.path()).unwrap();
        assert_eq!(State::load(dir.path()).unwrap(), Some(state));
    }

    #[test]
    fn a_later_format_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        std::fs::write(&file, r#"{"version": 7, "everything": "different"}"#).unwrap();
        let error = State::load(dir.path()).unwrap_err();
        assert!(matches!(error, ProjectError::StateTooNew { version: 7, known: 1, .. }), "{error}");
        assert!(file.exists());
    }

    #[test]
    fn what_a_later_envctl_added_survives() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"version":1,"project":"/p","manifest":"/p/envctl.toml","name":"p","colour":"green"}"#;
        std::fs::write(dir.path().join(FILE), text).unwrap();
        let state = State::load(dir.path()).unwrap().unwrap();
        state.save(dir.path()).unwrap();
        assert!(std::fs::read_to_string(dir.path().join(FILE)).unwrap().contains("green"));
    }

    #[test]
    fn damage_is_told_with_the_way_out() {
        use crate::error::Report;
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        let error = State::load(dir.path()).unwrap_err();
        assert_eq!(error.kind(), "state-damaged");
        assert!(error.hints()[0].contains("envctl up"));
        std::fs::remove_file(dir.path().join(FILE)).unwrap();
        std::fs::create_dir(dir.path().join(FILE)).unwrap();
        assert_eq!(State::load(dir.path()).unwrap_err().kind(), "state-damaged");
    }
}
