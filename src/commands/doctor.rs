//! `doctor`

use std::path::Path;

use serde_json::{Value, json};

use crate::doctor::{self, Diagnosis, EngineSeen, Severity};
use crate::engine::docker::Docker;
use crate::engine::{Engine, EngineAddress};
use crate::error::{Exit, Result};
use crate::{host, setup, ui};

use super::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context) -> Outcome {
    let (system, flag) = (&context.system, context.global.engine.as_deref());
    let endpoint = EngineAddress::choose(system, flag).map(|chosen| chosen.address.to_string()).unwrap_or_default();
    let facts = host::probe(system, Path::new("/"), None);
    let observed = setup::observe(system, Path::new("/"), &endpoint);
    let seen = doctor::look(system, facts, engine(context, &endpoint), observed);
    let findings = doctor::examine(&seen);
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

fn engine(context: &Context, endpoint: &str) -> EngineSeen {
    let described: Result<_> = context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        Ok(engine.describe().await?)
    });
    match described {
        Ok(info) => EngineSeen::Answers { info, build_kit: setup::offers_build_kit(endpoint) },
        Err(error) => EngineSeen::Fails { message: error.to_string(), hints: error.report().hints() },
    }
}
