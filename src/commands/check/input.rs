//! The manifest that `check` reads, with the project's requirements files: a project's, or standard input.
//!
//! Standard input has no project, so it needs no directory and no overlay, and its requirements files are not read.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::listing::ListingError;
use crate::commands::context::Context;
use crate::error::Result;
use crate::event::{Notice, Sink};
use crate::files;
use crate::host::HostFacts;
use crate::manifest::{Arch, Layer, LayerKind, Manifest};
use crate::matrix::Matrix;
use crate::packages::files::ReadFile;
use crate::packages::{self, BadFile};
use crate::project::{Project, config_layers, environment, is_standard_input};
use crate::resolve::{Overrides, Request};

/// A manifest with its requirements files.
pub(super) struct CheckedManifest {
    pub(super) manifest: Manifest,
    files: Vec<ReadFile>,
    bad: Vec<BadFile>,
}

impl CheckedManifest {
    /// Reads the manifest with its overlays. `-` is standard input; only the configuration of the machine and the user
    /// is laid under it.
    pub(super) fn read(context: &Context, manifest: Option<&Path>, matrix: &Matrix) -> Result<Self> {
        if manifest.is_some_and(is_standard_input) {
            return standard_input(context, matrix);
        }
        let project = Project::find(&context.system, manifest)?;
        let manifest = environment::read_manifest(&context.system, &project, &matrix.vocabulary())?;
        let paths = manifest.python.requirements.iter().map(|file| &file.value);
        let (files, bad) = packages::files::read_usable(&project.directory, paths)?;
        Ok(Self { manifest, files, bad })
    }

    /// The question of the manifest and its files for a machine.
    pub(super) fn request(&self, host: Option<&HostFacts>, overrides: &Overrides, matrix: &Matrix) -> Result<Request> {
        let request = Request::new(&self.manifest, host, overrides, matrix)?;
        let arch = request.target.arch.as_ref().map_or(Arch::X86_64, |asked| asked.value);
        let Self { manifest, files, bad } = self;
        Ok(request.steered(packages::framework_lines(manifest, files, matrix, arch, bad.clone())?))
    }
}

fn standard_input(context: &Context, matrix: &Matrix) -> Result<CheckedManifest> {
    let path = PathBuf::from("<stdin>");
    let mut text = String::new();
    let read = std::io::stdin().lock().take(files::TEXT).read_to_string(&mut text);
    read.map_err(|error| ListingError::Unreadable { path: path.clone(), error })?;
    let mut all = config_layers(&context.system)?;
    all.push(Layer { path, text, kind: LayerKind::Project });
    let manifest = Manifest::parse_with(all, &matrix.vocabulary())?;
    for file in &manifest.python.requirements {
        context.emit(Notice::FileNotRead(file.value.to_string()).into());
    }
    Ok(CheckedManifest { manifest, files: Vec::new(), bad: Vec::new() })
}
