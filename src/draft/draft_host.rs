//! What a draft knows of the host: enough to judge which value needs the user's consent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::files::real_path;
use crate::grants::{Grant, GrantKind, Phase, Surroundings, required};
use crate::manifest::{Manifest, MountSource};

/// The host of a draft. What only an engine knows is taken as foreign: a named volume can be another environment's.
#[derive(Clone, Debug)]
pub struct DraftHost {
    /// The manifest's directory, without links.
    pub project: PathBuf,
    /// The caller's home directory.
    pub home: PathBuf,
    /// Directories of the caller that decide which servers and files envctl and ssh trust.
    pub trusted: Vec<PathBuf>,
}

/// A host of which nothing is known: every path is outside the project.
impl Default for DraftHost {
    fn default() -> Self {
        Self { project: "/nonexistent".into(), home: "/".into(), trusted: Vec::new() }
    }
}

impl DraftHost {
    /// Returns the first grant that the manifest needs.
    #[must_use]
    pub fn first_grant(&self, manifest: &Manifest) -> Option<GrantKind> {
        let volumes = manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
            MountSource::Volume(name) => Some(name.clone()),
            MountSource::Path(_) => None,
        });
        let surroundings = Surroundings {
            project: &self.project,
            home: &self.home,
            // Root asks for less than any other user, and the manifest can be another user's tomorrow.
            is_root: false,
            trusted: &self.trusted,
            socket: Some(Path::new(SOCKET)),
            real: &real_path,
            mounts: &BTreeMap::new(),
            volumes: &volumes.collect(),
            variables: &[],
            package_hosts: &BTreeSet::new(),
            certificates: &BTreeMap::new(),
        };
        let first = required(manifest, &surroundings, Phase::Run).into_iter().next();
        // An env file can take variables of the caller. Its content may change after the draft.
        let takes_variables = !manifest.run.env_file.is_empty();
        first.map(|Grant { kind, .. }| kind).or(takes_variables.then_some(GrantKind::Variables))
    }
}

/// The socket of an engine in its usual place.
const SOCKET: &str = "/var/run/docker.sock";
