//! `matrix`

use std::path::Path;

use serde_json::{Value, json};

use crate::error::Exit;
use crate::matrix::{Matrix, Subject};
use crate::{settings, ui};

use super::{Context, NotYet, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Matrix) -> Outcome {
    match settings {
        settings::Matrix::List => {
            let matrix = context.matrix()?;
            report(context, &matrix, &ui::matrix_subjects(&matrix), &json!(subjects(&matrix)));
            Ok(Exit::Done.into())
        }
        settings::Matrix::Show { subject, version } => show(context, subject, version.as_deref()),
        settings::Matrix::Verify { online: false, matrix, .. } => verify(context, matrix.as_deref()),
        settings::Matrix::Verify { .. } | settings::Matrix::Update { .. } => Err(NotYet.into()),
    }
}

fn subjects(matrix: &Matrix) -> Vec<String> {
    Subject::all(matrix).map(|subject| subject.to_string()).collect()
}

fn show(context: &Context, subject: &str, version: Option<&str>) -> Outcome {
    let matrix = context.matrix()?;
    let subject = Subject::find(&matrix, subject)?;
    let rows = subject.rows(&matrix, version)?;
    let table = ui::matrix_rows(&matrix, &rows);
    report(context, &matrix, &table, &rows.json());
    if version.is_some() {
        for source in rows.sources() {
            context.printer.result(&format!("{}\n", context.printer.paint().dim(&source)));
        }
    }
    Ok(Exit::Done.into())
}

fn verify(context: &Context, folder: Option<&Path>) -> Outcome {
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
    if findings.is_empty() {
        context.printer.message(&format!("nothing is wrong with the rows of {}\n", matrix.revision()));
        return Ok(Exit::Done.into());
    }
    let count = match findings.len() {
        1 => "1 thing is".to_owned(),
        more => format!("{more} things are"),
    };
    context.printer.message(&format!("{count} wrong with the rows of {}\n", matrix.revision()));
    Ok(Exit::Failed.into())
}

fn report(context: &Context, matrix: &Matrix, table: &ui::Table, rows: &Value) {
    if context.printer.json() {
        let document = json!({"schema": 1, "ok": true, "matrix": {"revision": matrix.revision()}, "rows": rows});
        context.printer.document(&document);
    }
    context.printer.result(&table.text(context.printer.width(), context.printer.paint()));
}
