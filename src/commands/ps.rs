//! `envctl ps`: lists the environments of this place.
//!
//! It needs no project.

use serde_json::{Value, json};

use crate::error::{Exit, Result};
use crate::place::{EnvironmentSeen, Place};
use crate::settings;
use crate::ui::{documents, status};

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Ps) -> Outcome {
    let Listed { shown, hidden } = list_environments(context, &context.place()?, *settings)?;
    if context.printer.json() {
        let environments: Vec<Value> = shown.iter().map(documents::environment).collect();
        context.printer.document(&json!({"schema": 1, "ok": true, "environments": environments}));
    }
    context.printer.result(&status::table(&shown, hidden, context.printer.width(), context.printer.paint()));
    Ok(Exit::Done.into())
}

/// The shown environments, and the number of hidden ones.
struct Listed {
    shown: Vec<EnvironmentSeen>,
    hidden: usize,
}

fn list_environments(context: &Context, place: &impl Place, settings: settings::Ps) -> Result<Listed> {
    let (shown, hidden): (Vec<_>, Vec<_>) =
        context.block_on(place.list())?.into_iter().partition(|seen| settings.all || seen.state.is_up());
    Ok(Listed { shown, hidden: hidden.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;
    use crate::place::RunState;
    use crate::ui::Paint;

    fn table(lab: &Lab, all: bool) -> String {
        let Listed { shown, hidden } = list_environments(&lab.context, &lab.place, settings::Ps { all }).unwrap();
        status::table(&shown, hidden, None, Paint(false))
    }

    #[test]
    fn what_is_stopped_is_shown_with_all() {
        let lab = Lab::with(RunState::Ended { code: 143 });
        assert_eq!(table(&lab, false), "no environment runs; `envctl ps --all` shows one that is stopped\n");
        let id = lab.environment.id.as_str();
        let all = table(&lab, true);
        assert!(all.contains(&format!("{id}  stopped (143)")), "{all}");
        lab.place.environments.borrow_mut()[0].state = RunState::Running;
        assert!(table(&lab, false).contains(&format!("{id}  running")));
    }
}
