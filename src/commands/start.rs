//! `start`

use serde_json::json;

use crate::engine::docker::Docker;
use crate::error::Exit;
use crate::reconcile::{ReconcileError, lifecycle};
use crate::settings;

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Start) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let was_running = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let endpoint = lifecycle::endpoint(&environment.state()?);
        let Some(container) = lifecycle::find(&engine, &environment.id).await? else {
            return Err(ReconcileError::Absent { id: environment.id.to_string() }.into());
        };
        if !container.status.is_up() {
            lifecycle::start(&engine, &container, endpoint.as_ref(), context).await?;
        }
        Ok(container.status.is_up())
    })?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if was_running { format!("{name} runs already\n") } else { format!("{name} runs\n") });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": !was_running}));
    }
    Ok(Exit::Done.into())
}
