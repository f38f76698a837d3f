//! The variables that a container gets from the env files of a manifest.
//!
//! It reads the files and decides which of the caller's variables a file may take; `env_file` parses their text.

use std::collections::BTreeMap;

use super::error::snippet_of;
use super::named_file::file_error;
use super::{ReconcileError, env_file};
use crate::files::{self, RootedDirectory, TextBudget};
use crate::grants::Agreed;
use crate::manifest::{host_path, reserved_variable};
use crate::system::System;

/// Reads the variables in the manifest's env files; later ones win. All files together are limited to
/// [`files::TEXT`]. A file inside the project takes only those variables of the caller that the user agreed to. No
/// file sets a variable of envctl itself.
pub fn read_env_files(
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
        let text = text.map_err(file_error(manifest, "env file", file))?;
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
