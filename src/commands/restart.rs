//! `envctl restart`: stops the environment and starts it again.
//!
//! It keeps the container.

use serde_json::json;

use crate::error::Exit;
use crate::place::Place;
use crate::project::Environment;
use crate::settings;

use super::consent;
use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Stop) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    restart_container(context, &context.place()?, &environment, settings)
}

fn restart_container(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::Stop,
) -> Outcome {
    let terminal = consent::Terminal { context, consent: settings.consent };
    context.block_on(place.restart(environment, &terminal))?;
    context.printer.result(&format!("{} runs\n", environment.manifest.name.value));
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": true}));
    }
    Ok(Exit::Done.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::{Lab, NO_CONSENT};
    use crate::place::RunState;
    use crate::settings::Consent;

    fn restarted(lab: &Lab, consent: Consent) -> Outcome {
        restart_container(&lab.context, &lab.place, &lab.environment, &settings::Stop { manifest: None, consent })
    }

    #[test]
    fn a_restart_runs_what_was_stopped_and_ends_nobodys_work_unasked() {
        let lab = Lab::with(RunState::Ended { code: 137 }).occupied();
        restarted(&lab, NO_CONSENT).unwrap();
        assert_eq!(lab.state(), RunState::Running);
        assert_eq!(restarted(&lab, NO_CONSENT).unwrap_err().report().kind(), "occupied");
        restarted(&lab, Consent { force: true, ..NO_CONSENT }).unwrap();
        assert_eq!(lab.calls(), ["restart ID"; 3]);
    }
}
