//! `envctl down`: removes the environment's container and, on request, its other data.
//!
//! The volume with the home directory is removed only with `--volumes`.

use serde_json::json;

use crate::error::Exit;
use crate::place::{Place, Removal};
use crate::project::Environment;
use crate::settings;

use super::consent;
use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Down) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    take_down(context, &context.place()?, &environment, settings)
}

fn take_down(context: &Context, place: &impl Place, environment: &Environment, settings: &settings::Down) -> Outcome {
    let removal = Removal { volumes: settings.volumes, image: settings.image };
    let terminal = consent::Terminal { context, consent: settings.consent };
    let removed = context.block_on(place.take_down(environment, removal, &terminal))?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if removed { format!("{name} is removed\n") } else { format!("{name} was not there\n") });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": removed}));
    }
    Ok(Exit::Done.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::{Lab, NO_CONSENT};
    use crate::place::RunState;
    use crate::settings::Consent;

    fn taken_down(lab: &Lab, volumes: bool, consent: Consent) -> Outcome {
        let settings = settings::Down { manifest: None, volumes, image: false, consent };
        take_down(&lab.context, &lab.place, &lab.environment, &settings)
    }

    #[test]
    fn only_what_is_named_is_removed() {
        let lab = Lab::with(RunState::Running);
        taken_down(&lab, false, NO_CONSENT).unwrap();
        taken_down(&lab, true, NO_CONSENT).unwrap();
        assert_eq!(lab.state(), RunState::Absent);
        let calls = [
            "take down ID: Removal { volumes: false, image: false }",
            "take down ID: Removal { volumes: true, image: false }",
        ];
        assert_eq!(lab.calls(), calls);
    }

    #[test]
    fn an_environment_that_somebody_works_in_stays() {
        let lab = Lab::with(RunState::Running).occupied();
        let error = taken_down(&lab, true, NO_CONSENT).unwrap_err();
        assert_eq!((error.report().kind(), lab.state()), ("occupied", RunState::Running));
    }
}
