//! `down`

use serde_json::json;

use crate::connect::install;
use crate::engine::Engine;
use crate::engine::docker::Docker;
use crate::error::{Exit, Result};
use crate::project::{Environment, State};
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
            let inside = lifecycle::inside(&engine, container, &environment.manifest).await?;
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
        remove_more(&engine, settings, &environment, state).await?;
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
    engine: &impl Engine,
    settings: &settings::Down,
    environment: &Environment,
    mut state: State,
) -> Result<()> {
    if let (true, Some(image)) = (settings.image, &state.image) {
        engine.remove_image(image).await?;
    }
    if settings.volumes {
        engine.remove_volume(&environment.id.ssh_volume()).await?;
        engine.remove_volume(&environment.id.home_volume()).await?;
        return Ok(environment.forget()?);
    }
    state.forget_container();
    Ok(state.save(&environment.directory)?)
}
