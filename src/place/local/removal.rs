//! Removes an environment: its container, its SSH entry and, on request, its own volumes and images.
//!
//! It asks nothing, because the verb asked before. Named volumes of the manifest stay, because several environments
//! may share them.

use std::collections::BTreeSet;

use crate::connect::install;
use crate::engine::{ContainerState, Engine, EngineError, ListedImage};
use crate::error::Result;
use crate::event::{Notice, Sink};
use crate::manifest::MountSource;
use crate::place::Removal;
use crate::project::Environment;
use crate::reconcile::desired::IMAGE_LABEL;
use crate::reconcile::lifecycle;
use crate::system::System;

/// The removal of an environment. All questions were asked before.
pub(super) struct EnvironmentEnd<'a, E> {
    pub(super) engine: &'a E,
    pub(super) system: &'a System,
    pub(super) environment: &'a Environment,
    pub(super) container: Option<&'a ContainerState>,
    pub(super) sink: &'a dyn Sink,
}

impl<E: Engine> EnvironmentEnd<'_, E> {
    /// Removes the container, the entry in the SSH configuration, and the data in `removal`.
    pub(super) async fn carry_out(&self, removal: Removal) -> Result<()> {
        let Self { engine, system, environment, container, sink } = *self;
        let mut state = environment.state()?;
        if let Some(container) = container {
            lifecycle::remove_container(engine, container, sink).await?;
        }
        install::uninstall(system, environment.id.as_str())?;
        if removal.volumes {
            engine.remove_volume(&environment.id.ssh_volume()).await?;
            engine.remove_volume(&environment.id.home_volume()).await?;
        }
        if removal.image {
            let used = state.image.clone().or_else(|| Some(container?.image_reference.clone()));
            self.remove_images(used).await?;
        }
        if removal.volumes {
            environment.forget()?;
            return self.name_volumes_that_stay().await;
        }
        state.forget_container();
        Ok(state.save(&environment.directory)?)
    }

    /// Reports the named volumes of the container and the manifest. They stay, because projects may share their data.
    async fn name_volumes_that_stay(&self) -> Result<()> {
        let named = self.environment.manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
            MountSource::Volume(name) => Some(name.as_str()),
            MountSource::Path(_) => None,
        });
        let mounted = self.container.iter().flat_map(|container| container.volumes.iter().map(String::as_str));
        for volume in named.chain(mounted).collect::<BTreeSet<_>>() {
            if self.engine.volume_labels(volume).await?.is_some() {
                self.sink.emit(Notice::VolumeStays { volume: volume.to_owned() }.into());
            }
        }
        Ok(())
    }

    /// Removes the images that were built for the environment, and the image that it uses from any builder. An image
    /// keeps the names that a user gave it. An unnamed image with a parent was made by a user from envctl's and also
    /// stays.
    async fn remove_images(&self, used: Option<String>) -> Result<()> {
        let mut images: BTreeSet<String> = used.into_iter().collect();
        let built = self.engine.images(&[(IMAGE_LABEL, Some(self.environment.id.as_str()))]).await?;
        for ListedImage { id, tags, has_parent } in built {
            if tags.is_empty() && !has_parent {
                images.insert(id.0);
            }
            images.extend(tags.into_iter().filter(|tag| tag.starts_with("envctl/")));
        }
        for image in images {
            self.remove_image(&image).await?;
        }
        Ok(())
    }

    /// Removes an image if only this environment uses it. All environments with the same rendering share an image; if
    /// others use it, it stays and they are named.
    async fn remove_image(&self, image: &str) -> Result<()> {
        match self.engine.remove_image(image).await {
            Err(EngineError::InUse { .. }) => {
                let containers = self.engine.list(&[]).await?;
                let users = containers.into_iter().filter(|container| container.image_reference == image);
                let users = users.map(|container| container.name).collect();
                self.sink.emit(Notice::ImageStays { image: image.to_owned(), users }.into());
                Ok(())
            }
            removed => Ok(removed?),
        }
    }
}
