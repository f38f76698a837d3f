//! `envctl doctor`: examines this machine and names repairs.
//!
//! It repairs nothing itself.

use crate::doctor::Severity;
use crate::error::Exit;
use crate::place::{self, Place};
use crate::ui;

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context) -> Outcome {
    let found = context.place().and_then(|place| context.block_on(async { Ok(place.diagnose().await) }));
    let flag = context.global.engine.as_deref();
    let findings = found.unwrap_or_else(|error| place::diagnose_unopened(&context.system, flag, error));
    let broken = findings.iter().any(|finding| finding.severity() == Severity::Broken);
    if context.printer.json() {
        context.printer.document(&ui::documents::doctor(&findings));
    }
    context.printer.result(&ui::findings(&findings, context.printer.width(), context.printer.paint()));
    Ok(if broken { Exit::Unusable } else { Exit::Done }.into())
}
