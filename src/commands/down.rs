//! `down`

use std::collections::BTreeSet;

use serde_json::json;

use crate::connect::install;
use crate::engine::docker::Docker;
use crate::engine::{ContainerState, Engine, EngineError, ListedImage};
use crate::error::{Exit, Result};
use crate::event::{Event, Sink};
use crate::manifest::MountSource;
use crate::project::Environment;
use crate::reconcile::desired::IMAGE_LABEL;
use crate::reconcile::{ReconcileError, lifecycle};
use crate::settings;

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Down) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let removed = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let container = lifecycle::find(&engine, &environment.id).await?;
        if let Some(container) = &container {
            let inside = lifecycle::inside(&engine, container).await?;
            consent::to_end(context, settings.consent, inside)?;
        }
        if settings.volumes {
            to_lose_the_home(context, settings, &environment)?;
        }
        let state = environment.state()?;
        if let Some(container) = &container {
            lifecycle::remove(&engine, container, context).await?;
        }
        install::uninstall(&context.system, environment.id.as_str())?;
        let image = state.image.clone().or_else(|| Some(container.as_ref()?.image_reference.clone()));
        remove_more(context, &engine, settings, &environment, image.as_deref()).await?;
        if settings.volumes {
            name_volumes_that_stay(context, &engine, &environment, container.as_ref()).await?;
        }
        Ok(container.is_some())
    })?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if removed { format!("{name} is removed\n") } else { format!("{name} was not there\n") });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": removed}));
    }
    Ok(Exit::Done.into())
}

/// `--volumes` says it; a person at the terminal is still asked, because nothing brings a home directory back.
fn to_lose_the_home(context: &Context, settings: &settings::Down, environment: &Environment) -> Result<()> {
    if settings.consent.yes || settings.consent.force || !context.printer.can_ask() {
        return Ok(());
    }
    let question = format!("The home directory of {} will be gone for good. Go on?", environment.id);
    if context.printer.confirm(&question) { Ok(()) } else { Err(ReconcileError::Declined.into()) }
}

/// Volumes, keys and image as asked; what stays is remembered without a container.
async fn remove_more(
    context: &Context,
    engine: &impl Engine,
    settings: &settings::Down,
    environment: &Environment,
    image: Option<&str>,
) -> Result<()> {
    let mut state = environment.state()?;
    if settings.volumes {
        engine.remove_volume(&environment.id.ssh_volume()).await?;
        engine.remove_volume(&environment.id.home_volume()).await?;
    }
    if settings.image {
        for image in images(engine, environment, image).await? {
            remove_image(context, engine, &image).await?;
        }
    }
    if settings.volumes {
        return Ok(environment.forget()?);
    }
    state.forget_container();
    Ok(state.save(&environment.directory)?)
}

/// Named volumes hold data that a project may share: `--volumes` leaves them, those of the container and of the manifest.
async fn name_volumes_that_stay(
    context: &Context,
    engine: &impl Engine,
    environment: &Environment,
    container: Option<&ContainerState>,
) -> Result<()> {
    let named = environment.manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
        MountSource::Volume(name) => Some(name.as_str()),
        MountSource::Path(_) => None,
    });
    let mounted = container.iter().flat_map(|container| container.volumes.iter().map(String::as_str));
    for volume in named.chain(mounted).collect::<BTreeSet<_>>() {
        if engine.volume_labels(volume).await?.is_some() {
            let message = format!("the volume `{volume}` stays; `docker volume rm {volume}` removes it");
            context.emit(Event::Note { message });
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

/// An image serves every environment that renders the same: one that others use stays, and who they are is told.
async fn remove_image(context: &Context, engine: &impl Engine, image: &str) -> Result<()> {
    match engine.remove_image(image).await {
        Err(EngineError::InUse { .. }) => {
            let containers = engine.list(&[]).await?;
            let users = containers.into_iter().filter(|container| container.image_reference == image);
            let users: Vec<_> = users.map(|container| format!("`{}`", container.name)).collect();
            let whom = if users.is_empty() { "another container".to_owned() } else { users.join(", ") };
            context.emit(Event::Note { message: format!("the image `{image}` stays, because {whom} uses it") });
            Ok(())
        }
        removed => Ok(removed?),
    }
}
