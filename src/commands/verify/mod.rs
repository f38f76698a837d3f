//! `envctl verify`: proves inside the environment that its libraries are complete and that its frameworks compute.
//!
//! It changes nothing. What it could not look at, such as a GPU that is not there, it says.

mod error;
mod inside;
mod module_imports;

use serde_json::json;

use crate::error::{Exit, Result};
use crate::event::{Event, Sink, Stage, StageSubject};
use crate::place::Place;
use crate::project::Environment;
use crate::proof::{ProofProgram, ProofReport};
use crate::settings;
use crate::ui;

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Verify) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let place = context.place()?;
    let mut report = look(context, &place, &environment)?;
    if settings.imports {
        report.imports = Some(module_imports::look(context, &place, &environment)?);
    }
    let failed = report.is_failure();
    let printer = &context.printer;
    if printer.json() {
        printer.document(&document(&report));
    }
    printer.result(&ui::proof_report(&report, printer.paint()));
    Ok(if failed { Exit::Failed } else { Exit::Done }.into())
}

/// Runs both programs in the container.
fn look(context: &Context, place: &impl Place, environment: &Environment) -> Result<ProofReport> {
    let subject = StageSubject::LibrariesAndFrameworks;
    context.emit(Event::Stage { stage: Stage::Verify, subject: subject.clone() });
    let mut output = String::new();
    for program in [ProofProgram::Libraries, ProofProgram::Frameworks] {
        output += &inside::output(context, place, environment, program.command())?;
    }
    context.emit(Event::StageDone { stage: Stage::Verify, result: subject });
    Ok(ProofReport::of(&output))
}

/// The document. A failure is in the same field as the failure of any verb.
fn document(report: &ProofReport) -> serde_json::Value {
    let mut document = json!({"schema": 1, "ok": !report.is_failure(), "verify": report});
    if report.is_failure() {
        let message = ui::proof_failure(report);
        document["error"] = json!({"kind": "verify-failed", "message": message, "hints": [], "span": null});
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;
    use crate::place::{RunState, SessionEnd};

    #[test]
    fn both_programs_run_as_the_user() {
        let lab = Lab::with(RunState::Running);
        lab.place.end.set(Some(SessionEnd::Command(0)));
        assert_eq!(look(&lab.context, &lab.place, &lab.environment).unwrap(), ProofReport::default());
        let calls = lab.calls();
        assert_eq!(calls.len(), 2);
        assert!(calls.iter().all(|call| call.contains("/opt/envctl/interpreter") && call.contains("root: false")));
    }

    #[test]
    fn an_image_without_proof_is_named() {
        let lab = Lab::with(RunState::Running);
        lab.place.end.set(Some(SessionEnd::Command(66)));
        let error = look(&lab.context, &lab.place, &lab.environment).unwrap_err();
        assert_eq!(error.report().kind(), "no-proof");
        lab.place.end.set(Some(SessionEnd::Command(1)));
        let error = look(&lab.context, &lab.place, &lab.environment).unwrap_err();
        assert_eq!(error.report().kind(), "verify-ended");
    }

    #[test]
    fn nothing_is_looked_at_in_what_is_stopped() {
        let lab = Lab::with(RunState::Ended { code: 0 });
        let error = look(&lab.context, &lab.place, &lab.environment).unwrap_err();
        assert_eq!(error.report().kind(), "not-running");
    }
}
