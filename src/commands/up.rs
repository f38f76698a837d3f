//! `up`

use serde_json::json;

use crate::connect::jump::Jump;
use crate::engine::docker::Docker;
use crate::error::{Exit, Result};
use crate::project::Environment;
use crate::reconcile::plan::Wanted;
use crate::reconcile::work::Work;
use crate::reconcile::{finish, lifecycle, up};
use crate::settings;
use crate::ui;

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Up) -> Outcome {
    let environment = context.environment(settings.build.manifest.as_deref())?;
    let outcome = bring_up(context, &environment, settings)?;
    report(context, &environment, &outcome);
    Ok(Exit::Done.into())
}

/// Brings an environment up; `quickstart` does the same. After a signal nothing half-made is left.
pub fn bring_up(context: &Context, environment: &Environment, settings: &settings::Up) -> Result<finish::Outcome> {
    let wanted = Wanted {
        rebuild: settings.build.no_cache || settings.build.pull,
        recreate: settings.recreate,
        reconnect: false,
    };
    let brought = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let work =
            Work { engine: &engine, system: &context.system, environment, settings: &settings.build, sink: context };
        Box::pin(up::up(&work, wanted, &consent::Terminal { context, consent: settings.consent })).await
    });
    if brought.as_ref().is_err_and(|error| error.report().exit().is_by_signal()) {
        sweep(context, environment);
    }
    brought
}

/// What an interrupted `up` left is taken away, unless another one works on the environment already.
fn sweep(context: &Context, environment: &Environment) {
    context.clean_up(async {
        let Some(_held) = environment.hold_if_free()? else { return Ok(()) };
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        lifecycle::sweep(&engine, &environment.id).await
    });
}

pub(super) fn report(context: &Context, environment: &Environment, outcome: &finish::Outcome) {
    let printer = &context.printer;
    let jump = Jump::of(&context.system);
    if printer.json() {
        let block = outcome.endpoint.as_ref().map(|endpoint| ui::card::block(endpoint, &jump));
        printer.document(&json!({
            "schema": 1,
            "ok": true,
            "id": environment.id,
            "changed": !outcome.plan.is_empty(),
            "steps": outcome.plan,
            "endpoint": outcome.endpoint,
            "gpus": outcome.gpus,
            "ssh_config": block,
        }));
        return;
    }
    let name = environment.manifest.name.value.as_str();
    printer.result(&ui::plan::outcome(name, &outcome.plan, &outcome.gpus, printer.paint()));
    if let Some(note) = outcome.installed.as_ref().and_then(|installed| ui::card::note(name, installed)) {
        printer.message(&format!("{} {note}\n", printer.paint_messages().bold("note:")));
    }
    if let Some(endpoint) = &outcome.endpoint {
        printer.result(&format!("\n{}", ui::card::card(endpoint, &jump, printer.paint())));
    }
}
