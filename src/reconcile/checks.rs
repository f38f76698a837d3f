//! Checks of a manifest on this host that run before anything is changed.
//!
//! They run first because they are cheap and a failure leaves nothing to clean up.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::{ReconcileError, env_file};
use crate::error::Snippet;
use crate::files::{self, FileError, FileProblem, RootedDirectory, TextBudget};
use crate::grants::Agreed;
use crate::manifest::{CaCertificates, Located, Manifest, NotYet, SecretSource, host_path, reserved_variable};
use crate::system::System;

/// Returns the place of a manifest's value, for an error.
#[must_use]
pub fn snippet_of(manifest: &Manifest, span: Option<&Range<usize>>, label: &str) -> Vec<Snippet> {
    span.and_then(|span| manifest.sources.snippet(span, label)).into_iter().collect()
}

/// Refuses keys that this version reads but does not support: an environment without them is not the one the user
/// asked for.
pub fn nothing_unsupported(manifest: &Manifest) -> Result<(), ReconcileError> {
    match manifest.not_yet().into_iter().next() {
        None => Ok(()),
        Some(NotYet { key, span }) => {
            Err(ReconcileError::NotYet { key, at: snippet_of(manifest, span.as_ref(), "this key") })
        }
    }
}

/// Reads the variables in the manifest's env files; later ones win. All files together are limited to
/// [`files::TEXT`]. A file inside the project takes only those variables of the caller that the user agreed to. No
/// file sets a variable of envctl itself.
pub fn env_files(
    agreed: &Agreed<'_>,
    project: &RootedDirectory,
    system: &System,
) -> Result<BTreeMap<String, String>, ReconcileError> {
    let manifest = agreed.manifest();
    let mut variables = BTreeMap::new();
    let mut budget = TextBudget::new(files::TEXT);
    for file in &manifest.run.env_file {
        let path = host_path(&file.value, project.path(), &system.home());
        let unusable = |reason: String| ReconcileError::EnvFile {
            path: path.clone(),
            reason,
            at: snippet_of(manifest, file.span.as_ref(), "this file"),
        };
        let text = budget.read(|limit| project.read_named_text(&path, limit));
        let text = text.map_err(named(manifest, "env file", file))?;
        let is_strangers = project.entered_by(&path).is_some();
        let caller = |name: &str| {
            let value = system.variables.get(name).map(String::as_str);
            project.reads().variable(name, value);
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

/// Turns a failed read of a file in the manifest into an error.
pub(super) fn named<'a, T>(
    manifest: &'a Manifest,
    what: &'static str,
    value: &'a Located<T>,
) -> impl Fn(FileError) -> ReconcileError + use<'a, T> {
    move |error| ReconcileError::NamedFile { what, error, at: snippet_of(manifest, value.span.as_ref(), "named here") }
}

/// Checks that files which the manifest names inside the project stay inside. It runs before the user is asked
/// anything.
pub fn no_way_out(manifest: &Manifest, project: &RootedDirectory, home: &Path) -> Result<(), ReconcileError> {
    for file in &manifest.run.env_file {
        stays_inside(project, home, &file.value).map_err(named(manifest, "env file", file))?;
    }
    for file in manifest.ssh.authorized_keys.iter().flatten() {
        stays_inside(project, home, &file.value).map_err(named(manifest, "key file", file))?;
    }
    for secret in &manifest.build.secrets {
        if let SecretSource::File(path) = &secret.value.source {
            stays_inside(project, home, path).map_err(named(manifest, "build secret", secret))?;
        }
    }
    if let CaCertificates::Files(paths) = &manifest.network.ca_certificates.value {
        for path in paths {
            let told = named(manifest, "certificate file", &manifest.network.ca_certificates);
            stays_inside(project, home, path).map_err(told)?;
        }
    }
    for copy in &manifest.build.copy {
        let inside = Path::new(copy.value.from.as_str());
        if let Err(problem @ FileProblem::Leaves { .. }) = project.file(inside) {
            let error = FileError::read(&project.path().join(inside), problem);
            return Err(ReconcileError::Copy { error, at: snippet_of(manifest, copy.span.as_ref(), "copied here") });
        }
    }
    Ok(())
}

fn stays_inside(project: &RootedDirectory, home: &Path, path: &Path) -> Result<(), FileError> {
    let path = host_path(path, project.path(), home);
    let Some(inside) = project.entered_by(&path) else { return Ok(()) };
    match project.file(&inside) {
        Err(problem @ FileProblem::Leaves { .. }) => Err(FileError::read(&path, problem)),
        _ => Ok(()),
    }
}
