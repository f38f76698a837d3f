//! `envctl start`: starts an environment that is stopped.
//!
//! It creates nothing; `up` does.

use serde_json::json;

use crate::error::Exit;
use crate::place::Place;
use crate::project::Environment;
use crate::settings;

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Start) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    start_environment(context, &context.place()?, &environment)
}

fn start_environment(context: &Context, place: &impl Place, environment: &Environment) -> Outcome {
    let started = context.block_on(place.start(environment))?;
    let name = &environment.manifest.name.value;
    context.printer.result(&if started { format!("{name} runs\n") } else { format!("{name} runs already\n") });
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "id": environment.id, "changed": started}));
    }
    Ok(Exit::Done.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Ending;
    use crate::commands::lab::Lab;
    use crate::place::RunState;

    fn started(lab: &Lab) -> Outcome {
        start_environment(&lab.context, &lab.place, &lab.environment)
    }

    #[test]
    fn a_stopped_environment_is_started() {
        let lab = Lab::with(RunState::Ended { code: 0 });
        assert_eq!(started(&lab).unwrap(), Ending::Ours(Exit::Done));
        assert_eq!((lab.state(), lab.calls()), (RunState::Running, vec!["start ID".to_owned()]));
    }

    #[test]
    fn what_was_never_brought_up_is_not_started() {
        let lab = Lab::new();
        let error = started(&lab).unwrap_err();
        assert_eq!(error.to_string(), format!("the environment `{}` has no container", lab.environment.id));
    }
}
