//! `build`

use serde_json::json;

use crate::engine::docker::Docker;
use crate::error::Exit;
use crate::reconcile::build::build;
use crate::reconcile::work::Work;
use crate::settings::{self, Consent};

use super::{Context, Outcome, consent};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Build) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let (image, built) = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        let _held = environment.hold(context).await?;
        let work =
            Work { engine: &engine, system: &context.system, environment: &environment, settings, sink: context };
        let terminal = consent::Terminal { context, consent: Consent { force: false, yes: false } };
        build(&work, &terminal).await
    })?;
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "image": image, "changed": built}));
    }
    context.printer.result(&format!("{image}\n"));
    Ok(Exit::Done.into())
}
