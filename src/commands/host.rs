//! `envctl host`: shows the facts of this machine.
//!
//! It needs no project.

use std::path::Path;

use serde_json::json;

use crate::error::Exit;
use crate::host::{self, HostFacts};
use crate::place::Place;
use crate::{settings, ui};

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Host) -> Outcome {
    let found = if settings.overrides.no_host { HostFacts::unknown() } else { facts(context) };
    let facts = found.with(&settings.overrides.machine);
    if context.printer.json() {
        let mut document = json!(facts);
        document["ok"] = true.into();
        context.printer.document(&document);
    }
    context.printer.result(&ui::host(&facts, context.printer.paint()));
    Ok(Exit::Done.into())
}

/// Returns the facts of the place; if it cannot be opened, of this machine.
fn facts(context: &Context) -> HostFacts {
    let found = context.place().and_then(|place| context.block_on(async { Ok(place.facts().await) }));
    found.unwrap_or_else(|error| {
        let mut facts = host::probe(&context.system, Path::new("/"), None);
        facts.problems.push(error.to_string());
        facts
    })
}
