//! What can be told about a manifest on this host before anything is touched.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::consent::real_path;
use super::{ReconcileError, env_file};
use crate::error::Snippet;
use crate::grants::Agreed;
use crate::manifest::{Manifest, NotYet, host_path, reserved_variable};
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

/// An env file's text.
pub(super) fn env_file_text(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

/// What the manifest's env files hold, later ones winning. A file inside the project takes no variable of the caller's
/// that was not agreed to, and none sets what envctl itself sets.
pub fn env_files(
    agreed: &Agreed<'_>,
    project: &Path,
    system: &System,
) -> Result<BTreeMap<String, String>, ReconcileError> {
    let manifest = agreed.manifest();
    let mut variables = BTreeMap::new();
    for file in &manifest.run.env_file {
        let path = host_path(&file.value, project, &system.home());
        let unusable = |reason: String| ReconcileError::EnvFile {
            path: path.clone(),
            reason,
            at: place(manifest, file.span.as_ref(), "this file"),
        };
        let text = env_file_text(&path).map_err(|error| unusable(error.to_string()))?;
        let is_strangers = real_path(&path).starts_with(project);
        let caller = |name: &str| {
            let value = system.variables.get(name).map(String::as_str);
            value.filter(|_| !is_strangers || agreed.covers_variable(name))
        };
        let read = env_file::parse(&text, caller).map_err(|error| unusable(error.to_string()))?;
        if let Some((name, instead)) = read.keys().find_map(|name| Some((name, reserved_variable(name)?))) {
            return Err(unusable(format!("envctl sets `{name}` itself; use {instead}")));
        }
        variables.extend(read);
    }
    Ok(variables)
}
