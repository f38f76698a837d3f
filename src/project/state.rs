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

/// The version of the format that this envctl writes.
pub const VERSION: u32 = 1;

const FILE: &str = "state.json";

/// The state of one environment on one host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The version of the format: 1.
    pub version: u32,
    /// The directory of the manifest.
    pub project: PathBuf,
    /// The path of the manifest, for `ps` and for a second manifest in one directory.
    pub manifest: PathBuf,
    /// The environment's name.
    pub name: String,
    /// The address of its engine.
    #[serde(default)]
    pub engine: String,
    /// The fingerprint of everything that the last complete `up` read. If it is unchanged and the container runs, an
    /// `up` has nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
    /// The items that the last complete `up` read, so that they can be read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<ReadItem>,
    /// The container that the last complete `up` left running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerId>,
    /// The start time of that container when it last answered, as the engine writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The container's image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The settings that the container was made from, so that a change can be shown field by field. Values of
    /// variables are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<Value>,
    /// Whether the base image was made from the distribution's own packages. The next one is then made in the same
    /// way without a request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bootstrapped: bool,
    /// The hash of the files in the SSH volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_files: Option<String>,
    /// The host port for SSH that envctl chose. It is kept even while the manifest names another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_port: Option<u16>,
    /// The port for SSH that the manifest named at the last `up`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_ssh_port: Option<u16>,
    /// The way in which this host gives GPUs to containers, found by a test start, and the driver at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuMemory>,
    /// The limits that this engine is not permitted to set.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_limits: BTreeSet<String>,
    /// The grants that the user agreed to, each with its kind and object.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub grants: BTreeSet<String>,
    /// The host ports chosen from the manifest's ranges, by range.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ports: BTreeMap<String, u16>,
    /// The endpoint that the card at the end of `up` shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Value>,
    /// Fields of a later envctl with the same format; they are kept unchanged.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// The GPU route that worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuMemory {
    /// The way to request GPUs.
    pub route: GpuRoute,
    /// The driver's version; another driver may need another way.
    pub driver: String,
}

impl State {
    /// Returns an empty state.
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

    /// Reads the state in an environment's directory; `None` if it does not exist.
    pub fn load(directory: &Path) -> Result<Option<Self>, ProjectError> {
        let path = directory.join(FILE);
        match files::read(&path, files::DOCUMENT) {
            Ok(bytes) => Self::parse(&path, &bytes).map(Some),
            Err(error) if error.problem.is_missing() => Ok(None),
            Err(error) if error.problem.is_of_system() => Err(error.into()),
            Err(error) => Err(ProjectError::StateDamaged { path, reason: error.problem.to_string() }),
        }
    }

    /// Writes the state atomically.
    pub fn save(&self, directory: &Path) -> Result<(), ProjectError> {
        let mut text = serde_json::to_vec_pretty(self).expect("a state is plain data, which JSON can hold");
        text.push(b'\n');
        write::private_directory(directory)?;
        write::replace(&directory.join(FILE), &text, 0o600)
    }

    /// Keeps the environment's data (port, grants, GPU route) and drops the container's.
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
