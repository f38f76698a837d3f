//! A project with its manifest read: the start of every verb that works on an environment.
//!
//! It refuses an identity with the stored state of another directory.

use std::path::{Path, PathBuf};

use super::config::config_files;
use super::{EnvironmentGuard, EnvironmentId, Project, ProjectError, State, pyproject, write};
use crate::error::Error;
use crate::event::{Notice, SetAside, Sink};
use crate::files::{self, FileError, if_there};
use crate::manifest::{Layer, LayerKind, Manifest, Vocabulary};
use crate::system::System;

/// A project with its manifest, its identity and its state directory.
#[derive(Debug)]
pub struct Environment {
    pub project: Project,
    pub manifest: Manifest,
    pub id: EnvironmentId,
    /// The directory with the environment's state and keys on this host.
    pub directory: PathBuf,
}

impl Environment {
    /// Finds the manifest and reads it with its overlays.
    pub fn load(system: &System, manifest: Option<&Path>, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let project = Project::find(system, manifest)?;
        let manifest = read_manifest(system, &project, vocabulary)?;
        let id = project.id(&manifest.name.value);
        let directory = project.state_directory(&id);
        let environment = Self { project, manifest, id, directory };
        environment.check_identity()?;
        Ok(environment)
    }

    /// Checks that the state of this identity belongs to this directory. The consent, the container and the home
    /// depend on the identity, and a clone chooses the name and parts of the path. An unreadable state is reported by
    /// its reader.
    fn check_identity(&self) -> Result<(), ProjectError> {
        match State::load(&self.directory) {
            Ok(Some(State { project: other, .. })) if other != self.project.root => {
                Err(ProjectError::IdentityTaken { id: self.id.to_string(), other })
            }
            _ => Ok(()),
        }
    }

    /// Waits until no other envctl works on it. A damaged state is then renamed and reported.
    pub async fn hold(&self, sink: &dyn Sink) -> Result<EnvironmentGuard, ProjectError> {
        let guard = EnvironmentGuard::take(&self.directory, Notice::Waiting, sink).await?;
        if let Err(ProjectError::StateDamaged { path, .. }) = State::load(&self.directory) {
            let aside = write::set_aside(&path)?;
            sink.emit(Notice::StateDamaged(SetAside { path, aside }).into());
        }
        Ok(guard)
    }

    /// Holds the environment if no other envctl works on it.
    pub fn hold_if_free(&self) -> Result<Option<EnvironmentGuard>, ProjectError> {
        EnvironmentGuard::take_if_free(&self.directory)
    }

    /// Returns the stored state.
    pub fn state(&self) -> Result<State, ProjectError> {
        let fresh = || State::new(&self.project.root, &self.project.manifest, self.manifest.name.value.as_str());
        Ok(State::load(&self.directory)?.unwrap_or_else(fresh))
    }

    /// Removes the stored state and the keys.
    pub fn forget(&self) -> Result<(), ProjectError> {
        match std::fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ProjectError::Unwritable { path: self.directory.clone(), reason: error.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// Reads the manifest with its overlays, and what the project states about itself.
pub fn read_manifest(system: &System, project: &Project, vocabulary: &Vocabulary) -> Result<Manifest, Error> {
    let mut manifest = Manifest::parse_with(layers(system, project)?, vocabulary)?;
    manifest.python.requires = pyproject::requires_python(project);
    Ok(manifest)
}

/// Returns the paths of all layers, lowest first; they may be missing.
fn layer_files(system: &System, project: &Project) -> [(LayerKind, PathBuf); 4] {
    let [site, user] = config_files(system);
    [site, user, (LayerKind::Project, project.manifest.clone()), (LayerKind::Local, project.local_path())]
}

/// Returns the texts of the existing layers.
fn layers(system: &System, project: &Project) -> Result<Vec<Layer>, ProjectError> {
    let mut layers = Vec::new();
    for (kind, path) in layer_files(system, project) {
        let text = if kind >= LayerKind::Project {
            project.deciding_text(&path, files::DOCUMENT)?
        } else {
            if_there(project.directory.read_callers_text(&path, files::DOCUMENT))?
        };
        match text {
            Some(text) => layers.push(Layer { path, text, kind }),
            None if kind == LayerKind::Project => return Err(FileError::missing(&path).into()),
            None => {}
        }
    }
    Ok(layers)
}
