//! `status`

use serde_json::json;

use crate::connect::jump::Jump;
use crate::connect::prove;
use crate::engine::docker::Docker;
use crate::error::Exit;
use crate::reconcile::lifecycle;
use crate::settings;
use crate::ui::{card, status};

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Status) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let container = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        lifecycle::find(&engine, &environment.id).await
    })?;
    let name = environment.manifest.name.value.to_string();
    let mut found = status::EnvironmentStatus::new(environment.id.to_string(), name, container.as_ref());
    found.project = Some(environment.project.root.clone());
    found.endpoint = container.and_then(|_| lifecycle::endpoint(&environment.state().ok()?));
    if let Some(endpoint) = &mut found.endpoint {
        endpoint.command = context.block_on(async { Ok(prove::command(&context.system, endpoint).await) })?;
    }
    let printer = &context.printer;
    let jump = Jump::of(&context.system);
    if printer.json() {
        let block = found.endpoint.as_ref().map(|endpoint| card::block(endpoint, &jump));
        printer.document(&json!({"schema": 1, "ok": true, "environment": found, "jump": jump, "ssh_config": block}));
    }
    printer.result(&status::status(&found, printer.paint()));
    if let (true, Some(endpoint)) = (settings.connect, &found.endpoint) {
        printer.result(&format!("\n{}", card::card(endpoint, &jump, printer.paint())));
    }
    Ok(Exit::Done.into())
}
