//! A project with its manifest read: the start of every verb that works on an environment.
//!
//! It refuses an identity whose stored state belongs to another directory.

use std::path::{Path, PathBuf};

use super::config::config_files;
use super::{EnvironmentGuard, EnvironmentId, Project, ProjectError, State, write};
use crate::error::Error;
use crate::event::{Notice, SetAside, Sink};
use crate::files::{self, FileError, if_there};
use crate::manifest::{Layer, LayerKind, Manifest, Vocabulary};
use crate::system::System;

/// See the module.
#[derive(Debug)]
pub struct Environment {
    pub project: Project,
    pub manifest: Manifest,
    pub id: EnvironmentId,
    /// What this host remembers of it, and its keys.
    pub directory: PathBuf,
}

impl Environment {
    /// Finds the manifest and reads it with its overlays.
    pub fn load(system: &System, manifest: Option<&Path>, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let project = Project::find(system, manifest)?;
        let manifest = Manifest::parse_with(layers(system, &project)?, vocabulary)?;
        let id = project.id(&manifest.name.value);
        let directory = project.state_directory(&id);
        let environment = Self { project, manifest, id, directory };
        environment.check_identity()?;
        Ok(environment)
    }

    /// What was agreed to, the container and the home hang on the identity, of which a clone chooses the name and parts of the
    /// path: that of another directory is not this one's. A state that can't be read is its reader's matter.
    fn check_identity(&self) -> Result<(), ProjectError> {
        match State::load(&self.directory) {
            Ok(Some(State { project: other, .. })) if other != self.project.root => {
                Err(ProjectError::IdentityTaken { id: self.id.to_string(), other })
            }
            _ => Ok(()),
        }
    }

    /// Waits until no other envctl works on it. A state that can't be read is given another name then, and told.
    pub async fn hold(&self, sink: &dyn Sink) -> Result<EnvironmentGuard, ProjectError> {
        let guard = EnvironmentGuard::take(&self.directory, sink).await?;
        if let Err(ProjectError::StateDamaged { path, .. }) = State::load(&self.directory) {
            let aside = write::set_aside(&path)?;
            sink.emit(Notice::StateDamaged(SetAside { path, aside }).into());
        }
        Ok(guard)
    }

    /// Holds it where no other envctl works on it.
    pub fn hold_if_free(&self) -> Result<Option<EnvironmentGuard>, ProjectError> {
        EnvironmentGuard::take_if_free(&self.directory)
    }

    /// What is remembered of it.
    pub fn state(&self) -> Result<State, ProjectError> {
        let fresh = || State::new(&self.project.root, &self.project.manifest, self.manifest.name.value.as_str());
        Ok(State::load(&self.directory)?.unwrap_or_else(fresh))
    }

    /// Removes what is remembered of it and its keys.
    pub fn forget(&self) -> Result<(), ProjectError> {
        match std::fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ProjectError::Unwritable { path: self.directory.clone(), reason: error.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// The files that make up the configuration, whether they are there or not, lowest first.
fn layer_files(system: &System, project: &Project) -> [(LayerKind, PathBuf); 4] {
    let [site, user] = config_files(system);
    [site, user, (LayerKind::Project, project.manifest.clone()), (LayerKind::Local, project.local_path())]
}

/// The texts of those that are there.
pub fn layers(system: &System, project: &Project) -> Result<Vec<Layer>, ProjectError> {
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
