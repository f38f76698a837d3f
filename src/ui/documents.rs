//! The documents that `--json` prints for the resolver's values.
//!
//! They contain the values and the same sentences that people read.

use serde::Serialize;
use serde_json::{Value, json};

pub use super::failure::error;
use super::status;
use super::words::{self, DiagnosisWords, FactRow, ReasonWords};
use crate::doctor::{Diagnosis, Severity};
use crate::error::Report;
use crate::lock::{PackagesRefused, PackagesWayOut};
use crate::manifest::FrameworkId;
use crate::place::{EnvironmentSeen, RunState};
use crate::resolve::{Clash, Combination, Conflict, ConflictKind, Resolution, SuggestedTarget, WayOut};
use crate::setup::SetupStep;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, ReleaseVersion};

/// Returns the document of an environment.
#[must_use]
pub fn environment(environment: &EnvironmentSeen) -> Value {
    let EnvironmentSeen { id, name, project, state, container, image, started_at, ports, endpoint } = environment;
    let exit_code = match state {
        RunState::Ended { code } => Some(code),
        _ => None,
    };
    json!({
        "id": id, "name": name, "project": project, "status": status::word(*state), "exit_code": exit_code,
        "container": container, "image": image, "started_at": started_at, "ports": ports, "endpoint": endpoint,
    })
}

/// Returns the document of `doctor`'s findings. A problem is in the same field as the failure of any verb.
#[must_use]
pub fn doctor(findings: &[Diagnosis]) -> Value {
    let findings: Vec<DiagnosisWords> = findings.iter().map(DiagnosisWords::from).collect();
    let broken: Vec<_> = findings.iter().filter(|found| found.level == Severity::Broken).collect();
    let mut document = json!({"schema": 1, "ok": broken.is_empty(), "doctor": {"findings": findings}});
    if !broken.is_empty() {
        let messages: Vec<&str> = broken.iter().map(|found| found.message.as_str()).collect();
        let hints: Vec<&String> = broken.iter().flat_map(|found| &found.repairs).collect();
        document["error"] = json!({
            "kind": "machine-unusable", "message": messages.join("; "), "hints": hints, "span": null,
        });
    }
    document
}

/// Returns the commands of a set-up, each with its purpose.
#[must_use]
pub fn setup_steps(steps: &[SetupStep]) -> Value {
    steps.iter().map(|step| json!({"command": step.to_string(), "why": words::step_reason(&step.why)})).collect()
}

/// Returns the document of a resolution.
#[must_use]
pub fn resolution(resolution: &Resolution) -> Value {
    let Resolution { decision, capabilities, unbuildable, notes, reasons } = resolution;
    let mut document = json!(decision);
    let frameworks = document["frameworks"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
    for (framework, capabilities) in frameworks.zip(capabilities) {
        let place = framework.keys().position(|key| key == "cudnn").map_or(0, |place| place + 1);
        framework.shift_insert(place, "capabilities".to_owned(), json!(capabilities));
    }
    document["buildable"] = match unbuildable {
        None => json!({"ok": true}),
        Some(why) => json!({"ok": false, "reason": words::unbuildable(why)}),
    };
    document["notes"] = notes.iter().map(words::note).collect();
    document["reasons"] = json!(reasons.iter().map(words::reason).collect::<Vec<ReasonWords>>());
    document
}

/// Returns the document of a conflict.
#[must_use]
pub fn conflict(conflict: &Conflict) -> Value {
    json!(ConflictDocument {
        kind: conflict.kind().as_str(),
        kinds: conflict.kinds().into_iter().map(ConflictKind::as_str).collect(),
        message: words::message(conflict),
        facts: conflict.clashes.first().map(|clash| words::rows(&clash.facts)).unwrap_or_default(),
        clashes: conflict.clashes.iter().map(clash).collect(),
        suggestions: conflict.ways_out.iter().map(suggestion).collect(),
    })
}

/// Returns the document of packages that refuse every choice, in the form of a conflict.
#[must_use]
pub fn packages_refused(refused: &PackagesRefused) -> Value {
    let PackagesRefused { explanation, tried, is_complete, ways_out, needs_build: _ } = refused;
    let (kind, message) = (refused.kind(), refused.to_string());
    let what = "Python packages";
    let facts = json!([{ "axis": "packages", "what": what, "value": explanation.join("\n"), "source": "uv" }]);
    let suggestions = ways_out.iter().map(packages_way_out).collect::<Vec<_>>();
    let clash = json!({ "kinds": [kind], "message": message, "facts": facts, "suggestions": [] });
    json!({
        "kind": kind, "kinds": [kind], "message": message, "facts": facts, "clashes": [clash],
        "suggestions": suggestions, "tried": tried, "complete": is_complete,
    })
}

fn packages_way_out(way: &PackagesWayOut) -> Value {
    let mut document = json!({ "change": words::packages_way_out(way) });
    if let PackagesWayOut::Manifest(way) = way {
        document["manifest"] = json!(way.manifest);
    }
    document
}

/// Returns the document of changes that solve a conflict, or of alternatives that can be built.
#[must_use]
pub fn suggestions(ways: &[WayOut]) -> Value {
    json!(ways.iter().map(suggestion).collect::<Vec<_>>())
}

/// Returns the document of every build and whether it works.
#[must_use]
pub fn combinations(all: &[Combination]) -> Value {
    json!(all.iter().map(combination).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct ConflictDocument<'a> {
    kind: &'static str,
    kinds: Vec<&'static str>,
    message: String,
    /// The facts of the first clash.
    facts: Vec<FactRow>,
    clashes: Vec<ClashDocument<'a>>,
    suggestions: Vec<SuggestionDocument<'a>>,
}

#[derive(Serialize)]
struct ClashDocument<'a> {
    kinds: Vec<&'static str>,
    message: String,
    facts: Vec<FactRow>,
    /// The changes that solve only this clash.
    suggestions: Vec<SuggestionDocument<'a>>,
}

fn clash(clash: &Clash) -> ClashDocument<'_> {
    ClashDocument {
        kinds: clash.kinds.iter().copied().map(ConflictKind::as_str).collect(),
        message: words::sentence(clash),
        facts: words::rows(&clash.facts),
        suggestions: clash.ways_out.iter().map(suggestion).collect(),
    }
}

#[derive(Serialize)]
struct SuggestionDocument<'a> {
    change: String,
    manifest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a SuggestedTarget>,
}

fn suggestion(way: &WayOut) -> SuggestionDocument<'_> {
    SuggestionDocument { change: words::way_out(way), manifest: &way.manifest, target: way.target.as_ref() }
}

#[derive(Serialize)]
struct CombinationDocument<'a> {
    framework: &'a FrameworkId,
    version: &'a ReleaseVersion,
    variant: &'a str,
    cuda: Option<&'a CudaVersion>,
    cudnn: Option<&'a CudnnVersion>,
    driver: Option<&'a DriverVersion>,
    compute_capability: &'a [ComputeCapability],
    python: String,
    base: Option<&'a str>,
    reason: Option<String>,
    unbuildable: Option<String>,
}

fn combination(one: &Combination) -> CombinationDocument<'_> {
    let Combination { framework, version, variant, cuda, cudnn, driver, compute_capability, python, outcome } = one;
    let base = outcome.as_ref().ok();
    CombinationDocument {
        framework,
        version,
        variant,
        cuda: cuda.as_ref(),
        cudnn: cudnn.as_ref(),
        driver: driver.as_ref(),
        compute_capability,
        python: words::span(python),
        base: base.map(|base| base.image.as_str()),
        reason: outcome.as_ref().err().map(words::misfit),
        unbuildable: base.and_then(|base| base.unbuildable.as_ref()).map(words::source_lack),
    }
}
