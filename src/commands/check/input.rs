//! The manifest that `check` reads: a project's, or standard input.
//!
//! Standard input has no project, so it needs no directory and no overlay.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::listing::ListingError;
use crate::commands::context::Context;
use crate::error::Result;
use crate::files;
use crate::manifest::{Layer, LayerKind, Manifest};
use crate::matrix::Matrix;
use crate::project::{Project, config_layers, environment, is_standard_input};

/// Reads the manifest with its overlays. `-` is standard input; only the configuration of the machine and the user is
/// laid under it.
pub(super) fn manifest(context: &Context, manifest: Option<&Path>, matrix: &Matrix) -> Result<Manifest> {
    if manifest.is_some_and(is_standard_input) {
        return standard_input(context, matrix);
    }
    let project = Project::find(&context.system, manifest)?;
    environment::read_manifest(&context.system, &project, &matrix.vocabulary())
}

fn standard_input(context: &Context, matrix: &Matrix) -> Result<Manifest> {
    let path = PathBuf::from("<stdin>");
    let mut text = String::new();
    let read = std::io::stdin().lock().take(files::TEXT).read_to_string(&mut text);
    read.map_err(|error| ListingError::Unreadable { path: path.clone(), error })?;
    let mut all = config_layers(&context.system)?;
    all.push(Layer { path, text, kind: LayerKind::Project });
    Ok(Manifest::parse_with(all, &matrix.vocabulary())?)
}
