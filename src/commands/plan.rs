//! `envctl plan`: shows the steps that `envctl up` would take.
//!
//! It changes nothing.

use serde_json::json;

use crate::error::Exit;
use crate::grants::Grant;
use crate::place::Place;
use crate::reconcile::plan::PlanOptions;
use crate::reconcile::preview::Preview;
use crate::settings;
use crate::ui;

use super::context::{Context, Outcome};

/// Runs the verb. Exit code 10 means that the plan has steps.
pub fn run(context: &Context, settings: &settings::ImageSettings) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let wanted = PlanOptions { rebuild: settings.build.no_cache || settings.build.pull, ..PlanOptions::default() };
    let place = context.place()?;
    let Preview { plan, inside, grants } = context.block_on(place.preview(&environment, &settings.build, wanted))?;
    let printer = &context.printer;
    if printer.json() {
        printer.document(&json!({
            "schema": 1, "ok": true, "id": environment.id, "steps": plan, "would_end": inside,
            "grants": grants.iter().map(Grant::token).collect::<Vec<_>>(),
        }));
    }
    if grants.is_empty() || !plan.is_empty() {
        printer.result(&ui::plan::plan(&plan, printer.paint()));
    }
    if !grants.is_empty() {
        printer.message(&format!("\n`up` asks first. {}", ui::status::grants(&grants, printer.message_width())));
    }
    if !inside.is_empty() {
        printer.message(ui::WOULD_END);
        printer.message(&ui::status::processes(&inside));
    }
    Ok(if plan.is_empty() && grants.is_empty() { Exit::Done } else { Exit::Work }.into())
}
