//! The end of an environment: its container and what goes with it.

use std::collections::BTreeSet;

use super::LocalPlace;
use crate::connect::install;
use crate::engine::{ContainerState, Engine, EngineError, ListedImage};
use crate::error::Result;
use crate::event::Event;
use crate::manifest::MountSource;
use crate::place::Removal;
use crate::project::Environment;
use crate::reconcile::desired::IMAGE_LABEL;
use crate::reconcile::lifecycle;

/// Removes the container, its entry in the SSH configuration, and what else is named. Everything was asked before.
pub(super) async fn remove<E: Engine>(
    place: &LocalPlace<'_, E>,
    environment: &Environment,
    container: Option<&ContainerState>,
    removal: Removal,
) -> Result<()> {
    let state = environment.state()?;
    if let Some(container) = container {
        lifecycle::remove(&place.engine, container, place.sink).await?;
    }
    install::uninstall(place.system, environment.id.as_str())?;
    let image = state.image.clone().or_else(|| Some(container?.image_reference.clone()));
    if removal.volumes {
        place.engine.remove_volume(&environment.id.ssh_volume()).await?;
        place.engine.remove_volume(&environment.id.home_volume()).await?;
    }
    if removal.image {
        for image in images(&place.engine, environment, image.as_deref()).await? {
            remove_image(place, &image).await?;
        }
    }
    if removal.volumes {
        environment.forget()?;
        return name_volumes_that_stay(place, environment, container).await;
    }
    let mut state = environment.state()?;
    state.forget_container();
    Ok(state.save(&environment.directory)?)
}

/// Named volumes hold data that a project may share: they stay, those of the container and of the manifest.
async fn name_volumes_that_stay<E: Engine>(
    place: &LocalPlace<'_, E>,
    environment: &Environment,
    container: Option<&ContainerState>,
) -> Result<()> {
    let named = environment.manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
        MountSource::Volume(name) => Some(name.as_str()),
        MountSource::Path(_) => None,
    });
    let mounted = container.iter().flat_map(|container| container.volumes.iter().map(String::as_str));
    for volume in named.chain(mounted).collect::<BTreeSet<_>>() {
        if place.engine.volume_labels(volume).await?.is_some() {
            let message = format!("the volume `{volume}` stays; `docker volume rm {volume}` removes it");
            place.sink.emit(Event::Note { message });
        }
    }
    Ok(())
}

/// What was built for the environment, by name, and the one that it uses, whoever built that. An image that a person gave
/// another name keeps it; of those without a name, what a person made from ours has a parent.
async fn images(engine: &impl Engine, environment: &Environment, used: Option<&str>) -> Result<BTreeSet<String>> {
    let mut images: BTreeSet<String> = used.map(str::to_owned).into_iter().collect();
    for ListedImage { id, tags, has_parent } in engine.images(&[(IMAGE_LABEL, Some(environment.id.as_str()))]).await? {
        if tags.is_empty() && !has_parent {
            images.insert(id.0);
        }
        images.extend(tags.into_iter().filter(|tag| tag.starts_with("envctl/")));
    }
    Ok(images)
}

/// An image serves every environment that renders the same: one that others use stays, and who they are is named.
async fn remove_image<E: Engine>(place: &LocalPlace<'_, E>, image: &str) -> Result<()> {
    match place.engine.remove_image(image).await {
        Err(EngineError::InUse { .. }) => {
            let containers = place.engine.list(&[]).await?;
            let users = containers.into_iter().filter(|container| container.image_reference == image);
            let users: Vec<_> = users.map(|container| format!("`{}`", container.name)).collect();
            let whom = if users.is_empty() { "another container".to_owned() } else { users.join(", ") };
            let message = format!("the image `{image}` stays, because {whom} uses it");
            place.sink.emit(Event::Note { message });
            Ok(())
        }
        removed => Ok(removed?),
    }
}
