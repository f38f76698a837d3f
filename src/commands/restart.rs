//! `restart`

use serde_json::json;

use crate::engine::docker::Docker;
use crate::error::Exit;
use crate::reconcile::{ReconcileError, held, lifecycle};
use crate::settings;

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Stop) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let endpoint = lifecycle::endpoint(&environment.state()?);
        let Some(container) = lifecycle::find(&engine, &environment.id).await? else {
            return Err(ReconcileError::Absent { id: environment.id.to_string() }.into());
        };
        // Before anything is stopped: what can't be started again goes on.
        held::check(container.binds.iter().map(String::as_str))?;
        let inside = lifecycle::inside(&engine, &container).await?;
        consent::to_end(context, settings.consent, inside)?;
        lifecycle::stop(&engine, &container, context).await?;
        lifecycle::start(&engine, &container, endpoint.as_ref(), context).await
    })?;
    context.printer.result(&format!("{} runs\n", environment.manifest.name.value));
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": true}));
    }
    Ok(Exit::Done.into())
}
