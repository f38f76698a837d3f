//! `envctl stop`: stops the environment and keeps its container.
//!
//! Running work is ended only with the user's consent.

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
    stop_environment(context, &context.place()?, &environment, settings)
}

fn stop_environment(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::Stop,
) -> Outcome {
    let terminal = consent::Terminal { context, consent: settings.consent };
    let stopped = context.block_on(place.stop(environment, &terminal))?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if stopped { format!("{name} is stopped\n") } else { format!("{name} was not running\n") });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": stopped}));
    }
    Ok(Exit::Done.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::{Lab, NO_CONSENT};
    use crate::place::RunState;
    use crate::settings::Consent;

    fn stopped(lab: &Lab, consent: Consent) -> Outcome {
        stop_environment(&lab.context, &lab.place, &lab.environment, &settings::Stop { manifest: None, consent })
    }

    #[test]
    fn nobodys_work_is_ended_without_force() {
        let lab = Lab::with(RunState::Running).occupied();
        let error = stopped(&lab, Consent { yes: true, ..NO_CONSENT }).unwrap_err();
        assert_eq!(error.to_string(), "a process in the container would be ended");
        assert_eq!(error.report().output(), ["   4711 ada python train.py"]);
        assert_eq!(lab.state(), RunState::Running);
        stopped(&lab, Consent { force: true, ..NO_CONSENT }).unwrap();
        assert_eq!(lab.state(), RunState::Ended { code: 143 });
    }

    #[test]
    fn what_is_not_there_counts_as_stopped() {
        let lab = Lab::new();
        stopped(&lab, NO_CONSENT).unwrap();
        assert_eq!(lab.calls(), ["stop ID"]);
    }
}
