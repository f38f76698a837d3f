//! `envctl doctor`: examines this machine and names repairs.

use serde_json::{Value, json};

use crate::doctor::{Diagnosis, Severity};
use crate::error::Exit;
use crate::place::{self, Place};
use crate::ui;

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context) -> Outcome {
    let found = context.place().and_then(|place| context.block_on(async { Ok(place.diagnose().await) }));
    let flag = context.global.engine.as_deref();
    let findings = found.unwrap_or_else(|error| place::diagnose_unopened(&context.system, flag, error));
    let broken = findings.iter().any(|finding| finding.level == Severity::Broken);
    if context.printer.json() {
        context.printer.document(&document(&findings, broken));
    }
    context.printer.result(&ui::findings(&findings, context.printer.paint()));
    Ok(if broken { Exit::Unusable } else { Exit::Done }.into())
}

/// Scripts find what is broken where every verb's failure stands, too.
fn document(findings: &[Diagnosis], broken: bool) -> Value {
    let mut document = json!({"schema": 1, "ok": !broken, "doctor": {"findings": findings}});
    if broken {
        let bad = || findings.iter().filter(|finding| finding.level == Severity::Broken);
        let messages: Vec<&str> = bad().map(|finding| finding.message.as_str()).collect();
        let hints: Vec<&String> = bad().flat_map(|finding| &finding.mend).collect();
        document["error"] = json!({
            "kind": "machine-unusable", "message": messages.join("; "), "hints": hints, "span": null,
        });
    }
    document
}
