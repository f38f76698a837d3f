//! `stop`

use serde_json::json;

use crate::engine::docker::Docker;
use crate::error::Exit;
use crate::reconcile::lifecycle;
use crate::settings;

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Stop) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let was_running = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let Some(container) = lifecycle::find(&engine, &environment.id).await? else { return Ok(false) };
        let inside = lifecycle::inside(&engine, &container).await?;
        consent::to_end(context, settings.consent, inside)?;
        lifecycle::stop(&engine, &container, context).await?;
        Ok(container.status.is_up())
    })?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if was_running {
        format!("{name} is stopped\n")
    } else {
        format!("{name} was not running\n")
    });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": was_running}));
    }
    Ok(Exit::Done.into())
}
