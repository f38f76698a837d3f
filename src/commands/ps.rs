//! `ps`

use serde_json::json;

use crate::engine::docker::Docker;
use crate::engine::{ContainerState, Engine};
use crate::error::Exit;
use crate::project::{State, environments_directory};
use crate::reconcile::desired::{ID_LABEL, NAME_LABEL};
use crate::reconcile::lifecycle;
use crate::settings;
use crate::ui::status::{self, EnvironmentStatus};

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Ps) -> Outcome {
    let mut containers = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        Ok(engine.list(&[(ID_LABEL, None)]).await?)
    })?;
    let all = containers.len();
    containers.retain(|container| settings.all || container.status.is_up());
    containers.sort_by(|a, b| a.name.cmp(&b.name));
    let found: Vec<_> = containers.iter().map(|container| environment(context, container)).collect();
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "environments": found}));
    }
    context.printer.result(&status::table(&found, all - found.len(), context.printer.paint()));
    Ok(Exit::Done.into())
}

/// A container with what this host remembers of its environment; another person's is not remembered here.
fn environment(context: &Context, container: &ContainerState) -> EnvironmentStatus {
    let label = |name: &str| container.labels.get(name).cloned().unwrap_or_default();
    let id = label(ID_LABEL);
    let directory = environments_directory(&context.system).join(&id);
    let state = if id.contains('/') { None } else { State::load(&directory).ok().flatten() };
    let mut found = EnvironmentStatus::new(id, label(NAME_LABEL), Some(container));
    found.endpoint = state.as_ref().and_then(lifecycle::endpoint);
    found.project = state.map(|state| state.project);
    found
}
