//! `envctl up`: builds the missing parts and starts the environment.
//!
//! The steps are in `reconcile`; this file only reports their result.

use serde_json::json;

use crate::connect::jump::Jump;
use crate::error::{Exit, Result};
use crate::place::Place;
use crate::project::Environment;
use crate::reconcile::finish;
use crate::reconcile::plan::PlanOptions;
use crate::settings;
use crate::ui;

use super::consent;
use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Up) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let outcome = bring_up(context, &context.place()?, &environment, settings)?;
    report_up(context, &environment, &outcome);
    Ok(Exit::Done.into())
}

/// Brings an environment up, also for `quickstart`. After a signal it removes incomplete parts.
pub(super) fn bring_up(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::Up,
) -> Result<finish::UpOutcome> {
    let wanted = PlanOptions {
        rebuild: settings.build.no_cache || settings.build.pull,
        recreate: settings.recreate,
        reconnect: false,
    };
    let terminal = consent::Terminal { context, consent: settings.consent };
    let brought = context.block_on(place.bring_up(environment, &settings.build, wanted, &terminal));
    if brought.as_ref().is_err_and(|error| error.report().exit().is_by_signal()) {
        context.clean_up(place.sweep(environment));
    }
    brought
}

pub(super) fn report_up(context: &Context, environment: &Environment, outcome: &finish::UpOutcome) {
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
            "tried": outcome.tried,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::context::Interrupted;
    use crate::commands::lab::Lab;
    use crate::reconcile::ReconcileError;
    use crate::system::signals::EndSignal;

    fn brought_up(lab: &Lab, fault: crate::error::Error) -> Vec<String> {
        *lab.place.fault.borrow_mut() = Some(fault);
        bring_up(&lab.context, &lab.place, &lab.environment, &Lab::up()).unwrap_err();
        lab.calls()
    }

    #[test]
    fn what_an_interrupted_up_left_is_removed() {
        let interrupted = Interrupted { signal: EndSignal::Terminate };
        assert_eq!(brought_up(&Lab::new(), interrupted.into()), ["bring up ID", "sweep ID"]);
        assert_eq!(brought_up(&Lab::new(), ReconcileError::Declined.into()), ["bring up ID"]);
    }
}
