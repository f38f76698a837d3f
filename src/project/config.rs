//! The configuration files of the machine and of the user.
//!
//! They are the lowest layers of a manifest; a missing file adds no layer.

use std::path::PathBuf;

use super::ProjectError;
use crate::files;
use crate::manifest::{Layer, LayerKind};
use crate::system::System;

/// The configuration for all projects of this machine.
const SITE: &str = "/etc/envctl/config.toml";

/// Returns the paths of the configuration files, lowest layer first; they may be missing.
pub(super) fn config_files(system: &System) -> [(LayerKind, PathBuf); 2] {
    [(LayerKind::Site, PathBuf::from(SITE)), (LayerKind::User, system.config_home().join("config.toml"))]
}

/// Returns the texts of the existing configuration files.
pub fn config_layers(system: &System) -> Result<Vec<Layer>, ProjectError> {
    read_config(&config_files(system))
}

pub(super) fn read_config(files: &[(LayerKind, PathBuf)]) -> Result<Vec<Layer>, ProjectError> {
    let mut layers = Vec::new();
    for (kind, path) in files {
        if let Some(text) = files::read_text_if_there(path, files::DOCUMENT)? {
            layers.push(Layer { path: path.clone(), text, kind: *kind });
        }
    }
    Ok(layers)
}
