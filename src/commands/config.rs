//! `envctl config`: shows the effective settings and their origin.
//!
//! It changes nothing.

use serde_json::json;

use crate::error::Exit;
use crate::manifest::settings::defaults;
use crate::settings;
use crate::ui::Table;

use super::context::{Context, Outcome};

/// Runs the verb. A wrong value in any layer is an error.
pub fn run(context: &Context, settings: &settings::Config) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let manifest = &environment.manifest;
    let from =
        |span: Option<&_>| span.and_then(|span| manifest.sources.place(span)).unwrap_or_else(|| "default".to_owned());
    let all: Vec<_> = manifest.settings.iter().cloned().chain(defaults(&manifest.settings)).collect();
    let printer = &context.printer;
    if printer.json() {
        let row = |setting: &crate::manifest::Setting| json!({"key": setting.key, "value": setting.value, "from": from(setting.span.as_ref())});
        let config: Vec<_> = all.iter().map(row).collect();
        printer.document(&json!({"schema": 1, "ok": true, "config": config}));
    }
    let mut table = Table::new(["key", "value", "from"]);
    for setting in all {
        let place = from(setting.span.as_ref());
        table.row([setting.key, setting.value, place]);
    }
    printer.result(&table.text(printer.width(), printer.paint()));
    Ok(Exit::Done.into())
}
