//! `envctl matrix`: shows, verifies, fetches and updates the compatibility data.
//!
//! The update itself is in `matrix`; this file only calls it.

use std::path::Path;

use serde_json::{Value, json};

use crate::download::download;
use crate::error::Exit;
use crate::manifest::Date;
use crate::matrix::update::{self, UpdateError};
use crate::matrix::{self, Matrix, Subject};
use crate::{settings, ui};

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::MatrixSettings) -> Outcome {
    match settings {
        settings::MatrixSettings::List => {
            let matrix = context.matrix()?;
            report_rows(context, &matrix, &ui::matrix_subjects(&matrix), &json!(list_subjects(&matrix)));
            Ok(Exit::Done.into())
        }
        settings::MatrixSettings::Show { subject, version } => show_rows(context, subject, version.as_deref()),
        settings::MatrixSettings::Verify { matrix } => verify_rows(context, matrix.as_deref()),
        settings::MatrixSettings::VerifyOnline { matrix, sample, seed } => {
            verify_online(context, matrix.as_deref(), *sample, seed.unwrap_or_else(|| context.system.now()))
        }
        settings::MatrixSettings::Fetch => fetch_overlay(context),
        settings::MatrixSettings::Update(update) => self::update(context, update),
    }
}

fn list_subjects(matrix: &Matrix) -> Vec<String> {
    Subject::all(matrix).map(|subject| subject.to_string()).collect()
}

fn show_rows(context: &Context, subject: &str, version: Option<&str>) -> Outcome {
    let matrix = context.matrix()?;
    let subject = Subject::find(&matrix, subject)?;
    let rows = subject.rows(&matrix, version)?;
    let table = ui::matrix_rows(&matrix, &rows);
    report_rows(context, &matrix, &table, &rows.json());
    if version.is_some() {
        for source in rows.sources() {
            context.printer.result(&format!("{}\n", context.printer.paint().dim(&source)));
        }
    }
    Ok(Exit::Done.into())
}

fn verify_rows(context: &Context, folder: Option<&Path>) -> Outcome {
    let matrix = match folder {
        Some(folder) => Matrix::from_dir(folder)?,
        None => context.matrix()?,
    };
    let findings = matrix.check();
    if context.printer.json() {
        let revision = matrix.revision();
        let document =
            json!({"schema": 1, "ok": findings.is_empty(), "matrix": {"revision": revision}, "findings": findings});
        context.printer.document(&document);
    }
    for finding in &findings {
        context.printer.result(&format!("{finding}\n"));
    }
    context.printer.message(&ui::rows_checked(&matrix.revision(), findings.len()));
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Failed }.into())
}

/// Compares rows with the published packages. Rows with errors are not compared.
fn verify_online(context: &Context, folder: Option<&Path>, sample: usize, seed: u64) -> Outcome {
    let (matrix, recipes) = match folder {
        Some(folder) => (Matrix::from_dir(folder)?, update::recipes_of(folder)?),
        None => (Matrix::embedded().with_published(&context.system), update::embedded_recipes()),
    };
    let ids = matrix.frameworks().map(|known| known.id.clone()).collect::<Vec<_>>();
    let files = ids.iter().filter_map(|id| matrix.framework(id)).collect::<Vec<_>>();
    let mut index = update::PipIndex::of(&context.system);
    let drawn = update::verify(&files, &recipes, &mut index, seed, sample, context).map_err(UpdateError::from)?;
    let findings = matrix.check();
    let differs = |outcome: &update::ComparisonOutcome| matches!(outcome, update::ComparisonOutcome::Differs { .. });
    let agree = findings.is_empty() && !drawn.iter().flat_map(|release| &release.outcomes).any(differs);
    if context.printer.json() {
        let revision = matrix.revision();
        let document = json!({"schema": 1, "ok": agree, "matrix": {"revision": revision}, "seed": seed,
            "findings": findings, "drawn": drawn});
        context.printer.document(&document);
    }
    for finding in &findings {
        context.printer.result(&format!("{finding}\n"));
    }
    context.printer.result(&ui::drawn(&drawn, seed, context.printer.paint()));
    Ok(if agree { Exit::Done } else { Exit::Failed }.into())
}

fn update(context: &Context, settings: &settings::MatrixUpdate) -> Outcome {
    let settings::MatrixUpdate { matrix, frameworks, exclude_newer, dry_run } = settings;
    let mut index = update::PipIndex::of(&context.system);
    let today = update::day_of(context.system.now());
    let rows = &Matrix::embedded().with_published(&context.system);
    let tables = &context.matrix()?;
    let asked = update::UpdateRequest {
        rows: matrix.as_deref().map_or(update::Renewed::Known { rows, tables }, update::Renewed::Folder),
        only: frameworks,
        today: &today,
        before: exclude_newer.as_ref().map(Date::as_str),
    };
    let updates = update::update(asked, &mut index, context)?;
    let sound = update::sound(&updates);
    if sound.is_ok() && context.printer.json() {
        let each = updates.iter().map(|update| {
            json!({"framework": update.id.as_str(), "releases": update.file.releases.len(), "changes": update.changes})
        });
        let document = json!({"schema": 1, "ok": true, "written": !*dry_run, "updates": each.collect::<Vec<_>>()});
        context.printer.document(&document);
    }
    context.printer.result(&ui::updates(&updates, context.printer.paint()));
    sound?;
    match matrix {
        _ if *dry_run => {}
        Some(_) => update::write(&updates)?,
        None => {
            matrix::site::keep(&context.system, &updates, &today)?;
            context.printer.message(ui::ROWS_KEPT);
        }
    }
    Ok(Exit::Done.into())
}

/// The largest size of a useful archive in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Fetches each source separately: a source that fails keeps its old rows, and the others are renewed.
fn fetch_overlay(context: &Context) -> Outcome {
    let sources = matrix::site::sources(&context.system)?;
    let mut failed = Vec::new();
    let mut all = Vec::new();
    for source in &sources {
        let Some(url) = source.url() else { continue };
        let bytes = context.block_on(async { Ok(download(url, MOST_BYTES).await?) });
        match bytes.and_then(|bytes| Ok(matrix::site::take(&context.system, source, &bytes)?)) {
            Ok(fetched) => all.push(fetched),
            Err(error) => failed.push(error),
        }
    }
    matrix::site::forget_others(&context.system, &sources);
    if failed.is_empty() && context.printer.json() {
        context.printer.document(&json!({"schema": 1, "ok": true, "overlays": all}));
    }
    context.printer.result(&ui::fetched(&all));
    if sources.iter().all(|source| source.url().is_none()) {
        context.printer.message(ui::NO_OVERLAY_SOURCE);
    }
    let Some(last) = failed.pop() else { return Ok(Exit::Done.into()) };
    for error in failed {
        context.printer.warning(&error);
    }
    Err(last)
}

fn report_rows(context: &Context, matrix: &Matrix, table: &ui::Table, rows: &Value) {
    if context.printer.json() {
        let document = json!({"schema": 1, "ok": true, "matrix": {"revision": matrix.revision()}, "rows": rows});
        context.printer.document(&document);
    }
    context.printer.result(&table.text(context.printer.width(), context.printer.paint()));
}
