//! What can be told about a manifest on this host before anything is touched.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::desired::host_path;
use super::{ReconcileError, env_file};
use crate::error::Snippet;
use crate::manifest::{Manifest, MountSource, NotYet};
use crate::system::System;

/// The place of a value of the manifest, for an error.
#[must_use]
pub fn place(manifest: &Manifest, span: Option<&Range<usize>>, label: &str) -> Vec<Snippet> {
    span.and_then(|span| manifest.sources.snippet(span, label)).into_iter().collect()
}

/// Keys that this version reads and does not act on are refused: an environment without what it asked for is not the one
/// that was asked for.
pub fn nothing_unsupported(manifest: &Manifest) -> Result<(), ReconcileError> {
    match manifest.not_yet().into_iter().next() {
        None => Ok(()),
        Some(NotYet { key, span }) => {
            Err(ReconcileError::NotYet { key, at: place(manifest, span.as_ref(), "this key") })
        }
    }
}

/// Every host path to be mounted is there. None is ever made: an empty directory in a typo's place trains on nothing.
pub fn mount_sources(manifest: &Manifest, project: &Path, home: &Path) -> Result<(), ReconcileError> {
    for mount in &manifest.run.mounts {
        let MountSource::Path(path) = &mount.value.source else { continue };
        let path = host_path(path, project, home);
        if !path.exists() {
            let at = place(manifest, mount.span.as_ref(), "nothing is there");
            return Err(ReconcileError::MountMissing { path, at });
        }
    }
    Ok(())
}

/// What the manifest's env files hold, later ones winning.
pub fn env_files(
    manifest: &Manifest,
    project: &Path,
    system: &System,
) -> Result<BTreeMap<String, String>, ReconcileError> {
    let mut variables = BTreeMap::new();
    for file in &manifest.run.env_file {
        let path = host_path(&file.value, project, &system.home());
        let unusable = |reason: String| ReconcileError::EnvFile {
            path: path.clone(),
            reason,
            at: place(manifest, file.span.as_ref(), "this file"),
        };
        let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
        let caller = |name: &str| system.variables.get(name).map(String::as_str);
        variables.extend(env_file::parse(&text, caller).map_err(|error| unusable(error.to_string()))?);
    }
    Ok(variables)
}
