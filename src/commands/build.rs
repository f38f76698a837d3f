//! `envctl build`: builds the environment's image.
//!
//! It prints the image's name for scripts.

use serde_json::json;

use crate::error::Exit;
use crate::place::ImageBuilder;
use crate::settings::{self, Consent};

use super::consent;
use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::ImageSettings) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let place = context.place()?;
    let terminal = consent::Terminal { context, consent: Consent { force: false, yes: false } };
    let image = context.block_on(place.build(&environment, &settings.build, &terminal))?;
    if context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "image": image.name, "changed": image.is_new}));
    }
    context.printer.result(&format!("{}\n", image.name));
    Ok(Exit::Done.into())
}
