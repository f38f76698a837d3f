//! `config`

use serde_json::json;

use crate::error::Exit;
use crate::manifest::merged::merged;
use crate::project::{Environment, layers};
use crate::settings;
use crate::ui::Table;

use super::{Context, Outcome};

/// Runs the verb. A wrong value anywhere is an error here as everywhere.
pub fn run(context: &Context, settings: &settings::Config) -> Outcome {
    let environment = Environment::load(&context.system, settings.manifest.as_deref())?;
    let settings = merged(&layers(&context.system, &environment.project)?);
    let printer = &context.printer;
    if printer.json() {
        printer.document(&json!({"schema": 1, "ok": true, "config": settings}));
    }
    let mut table = Table::new(["key", "value", "from"]);
    for setting in settings {
        table.row([setting.key, setting.value, setting.from]);
    }
    printer.result(&table.text(printer.width(), printer.paint()));
    Ok(Exit::Done.into())
}
