//! One `check` for many inputs: many machines for one manifest, or many manifests and locks for one machine.
//!
//! A failure of one input does not stop the others.

use std::path::Path;

use serde_json::{Value, json};

use crate::commands::context::{Context, Ending, Outcome};
use crate::error::{Exit, Result};
use crate::files;
use crate::host::HostFacts;
use crate::lock::{self, Grounds};
use crate::matrix::Matrix;
use crate::resolve::{Answers, Conflict, ManifestText, Overrides, Request, Resolution, TargetDriver, TargetFacts};
use crate::{settings, ui};

use super::input::CheckedManifest;
use super::{json_document, listing};

/// The result for one machine, one manifest or one lock.
struct Line {
    name: String,
    driver: String,
    gpus: String,
    outcome: Result<Resolution, NoAnswer>,
}

/// The reason why no resolution exists.
enum NoAnswer {
    /// The facts clash.
    Conflict(Box<Conflict>),
    /// The file cannot be used.
    Error(crate::error::Error),
}

/// Checks one manifest on many machines.
pub(super) fn check_hosts(
    context: &Context,
    settings: &settings::Check,
    matrix: &Matrix,
    checked: &CheckedManifest,
    facts: &[(String, HostFacts)],
) -> Ending {
    let answers = Answers::of(matrix);
    let line = |(name, host): &(String, HostFacts)| {
        answer_line(name.clone(), checked.request(Some(host), &settings.overrides, matrix), &answers)
    };
    let lines = facts.iter().map(line).collect::<Vec<_>>();
    report_lines(context, matrix, "machine", "host", &lines)
}

/// Checks many manifests and locks, on this machine or on each described one.
pub(super) fn check_manifests(
    context: &Context,
    settings: &settings::Check,
    matrix: &Matrix,
    facts: Vec<(String, HostFacts)>,
) -> Outcome {
    let several = facts.len() > 1;
    let mut machines = facts.into_iter().map(|(name, facts)| (name, Some(facts))).collect::<Vec<_>>();
    if machines.is_empty() {
        machines.push((String::new(), context.this_host(&settings.overrides)));
    }
    let (answers, mut lines) = (Answers::of(matrix), Vec::new());
    for file in listing::list_manifests(context, &settings.paths)? {
        let path = file.strip_prefix(&context.system.directory).unwrap_or(&file).display().to_string();
        for (machine, host) in &machines {
            let name = if several { format!("{path} on {machine}") } else { path.clone() };
            let request = asked_in(context, &file, host.as_ref(), &settings.overrides, matrix);
            lines.push(answer_line(name, request, &answers));
        }
    }
    Ok(report_lines(context, matrix, "environment", "path", &lines))
}

/// Returns the request of a manifest, or the decision of a lock.
fn asked_in(
    context: &Context,
    file: &Path,
    host: Option<&HostFacts>,
    overrides: &Overrides,
    matrix: &Matrix,
) -> Result<Request> {
    if !listing::is_lock(file) {
        return CheckedManifest::read(context, Some(file), matrix)?.request(host, overrides, matrix);
    }
    let text = files::read_text(file, files::DOCUMENT)?;
    let lock = lock::parse(&text, file)?.trusted(&Grounds { matrix, project: None })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let manifest = ManifestText { path: file.to_owned(), ..ManifestText::default() };
    let target = TargetFacts::of_machine(host, overrides, matrix)?;
    Ok(Request::pinned(&lock.decision, &name, manifest, target))
}

fn answer_line(name: String, request: Result<Request>, answers: &Answers<'_>) -> Line {
    let none = String::new;
    match request {
        Err(error) => Line { name, driver: none(), gpus: none(), outcome: Err(NoAnswer::Error(error)) },
        Ok(request) => {
            let (driver, gpus) = describe_machine(&request);
            let outcome = answers.answer(&request).map_err(|conflict| NoAnswer::Conflict(Box::new(conflict)));
            Line { name, driver, gpus, outcome }
        }
    }
}

/// Describes the machine for the table.
fn describe_machine(request: &Request) -> (String, String) {
    let driver = match &request.target.driver {
        TargetDriver::Open => "any".to_owned(),
        TargetDriver::Missing => "none".to_owned(),
        TargetDriver::Version(driver) => driver.value.to_string(),
    };
    let short = |name: &str| name.trim_start_matches("NVIDIA ").trim_start_matches("GeForce ").to_owned();
    let gpus = request.target.gpus.iter().map(|gpu| short(&gpu.value.name)).collect::<Vec<_>>();
    let none = if request.target.no_gpu.is_some() { "none" } else { "any" };
    (driver, if gpus.is_empty() { none.to_owned() } else { gpus.join(", ") })
}

/// Prints the table or the document. The exit code is 2 if a file cannot be used, 3 if one does not fit.
fn report_lines(context: &Context, matrix: &Matrix, head: &'static str, key: &str, lines: &[Line]) -> Ending {
    if context.printer.json() {
        let all = lines.iter().all(|line| line.outcome.is_ok());
        let results = lines.iter().map(|line| line_document(key, line)).collect::<Vec<_>>();
        context.printer.document(&json_document::document(matrix, all, "results", json!(results)));
    }
    let verdict = |line: &Line| ui::Verdict {
        name: line.name.clone(),
        driver: line.driver.clone(),
        gpus: line.gpus.clone(),
        outcome: match &line.outcome {
            Ok(resolution) => Ok(resolution.clone()),
            Err(NoAnswer::Conflict(conflict)) => Err(ui::conflict_message(conflict)),
            Err(NoAnswer::Error(error)) => Err(ui::error_message(error)),
        },
    };
    let verdicts = lines.iter().map(verdict).collect::<Vec<_>>();
    let table = ui::verdicts(head, &verdicts);
    context.printer.result(&table.text(context.printer.width(), context.printer.paint()));
    let unusable = |line: &Line| matches!(line.outcome, Err(NoAnswer::Error(_)));
    if lines.iter().any(unusable) {
        return Exit::Usage.into();
    }
    let fits = lines.iter().all(|line| line.outcome.is_ok());
    if fits { Exit::Done } else { Exit::Conflict }.into()
}

fn line_document(key: &str, line: &Line) -> Value {
    let mut document = json!({key: line.name, "ok": line.outcome.is_ok(), "driver": line.driver, "gpus": line.gpus});
    match &line.outcome {
        Ok(resolution) => document["resolution"] = ui::documents::resolution(resolution),
        Err(NoAnswer::Conflict(conflict)) => document["conflict"] = ui::documents::conflict(conflict),
        Err(NoAnswer::Error(error)) => {
            document["error"] = ui::documents::error(error);
        }
    }
    document
}
