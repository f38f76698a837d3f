//! `host`

use std::path::Path;
use std::thread;

use serde_json::json;

use crate::engine::docker::Docker;
use crate::engine::{Engine, EngineInfo};
use crate::error::{Exit, Result};
use crate::host::{self, HostFacts};
use crate::{settings, ui};

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Host) -> Outcome {
    let found = if settings.overrides.no_host { HostFacts::unknown() } else { facts(context) };
    let facts = found.with(&(&settings.overrides).into());
    if context.printer.json() {
        let mut document = json!(facts);
        document["ok"] = true.into();
        context.printer.document(&document);
    }
    context.printer.result(&ui::host(&facts, context.printer.paint()));
    Ok(Exit::Done.into())
}

/// Everything about this machine: the probe on one thread, the engine asked on another.
fn facts(context: &Context) -> HostFacts {
    let system = &context.system;
    thread::scope(|scope| {
        let probe = scope.spawn(|| host::probe(system, Path::new("/"), None));
        let engine = describe(context);
        let mut facts = probe.join().expect("the probe answers whatever it meets");
        match engine {
            Ok(info) => facts.engine = Some((&info).into()),
            Err(error) => facts.problems.push(error.to_string()),
        }
        facts
    })
}

fn describe(context: &Context) -> Result<EngineInfo> {
    context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        Ok(engine.describe().await?)
    })
}
