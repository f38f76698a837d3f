//! `envctl status`: shows whether the environment runs and how to enter it.
//!
//! It changes nothing.

use serde_json::json;

use crate::connect::jump::Jump;
use crate::connect::prove;
use crate::error::{Exit, Result};
use crate::place::{EnvironmentSeen, Place};
use crate::project::Environment;
use crate::settings;
use crate::ui::{card, documents, status};

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Status) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let found = observe_environment(context, &context.place()?, &environment)?;
    let printer = &context.printer;
    let jump = Jump::of(&context.system);
    if printer.json() {
        let block = found.endpoint.as_ref().map(|endpoint| card::block(endpoint, &jump));
        let seen = documents::environment(&found);
        printer.document(&json!({"schema": 1, "ok": true, "environment": seen, "jump": jump, "ssh_config": block}));
    }
    printer.result(&status::status(&found, printer.paint()));
    if let (true, Some(endpoint)) = (settings.connect, &found.endpoint) {
        printer.result(&format!("\n{}", card::card(endpoint, &jump, printer.paint())));
    }
    Ok(Exit::Done.into())
}

/// Returns the environment, with the command that enters it now.
fn observe_environment(context: &Context, place: &impl Place, environment: &Environment) -> Result<EnvironmentSeen> {
    let mut found = context.block_on(place.observe(environment))?;
    if let Some(endpoint) = &mut found.endpoint {
        endpoint.command = context.block_on(async { Ok(prove::entry_command(&context.system, endpoint).await) })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;
    use crate::connect::entry;
    use crate::place::RunState;
    use crate::ui::Paint;

    fn text(lab: &Lab) -> String {
        let found = observe_environment(&lab.context, &lab.place, &lab.environment).unwrap();
        status::status(&found, Paint(false))
    }

    #[test]
    fn a_running_environment_is_shown_with_the_command_that_enters_it() {
        let lab = Lab::with(RunState::Running).entered_by(&entry::sample());
        let text = text(&lab);
        assert!(text.starts_with("lab is running\n"), "{text}");
        // This user's configuration does not contain the entry.
        assert!(text.ends_with("  enter    envctl ssh\n"), "{text}");
        assert_eq!(lab.calls(), ["observe ID"]);
    }

    #[test]
    fn what_was_never_brought_up_is_absent() {
        let lab = Lab::new();
        assert!(text(&lab).starts_with("lab is absent\n"));
    }
}
