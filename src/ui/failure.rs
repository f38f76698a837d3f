//! An error as a JSON document for scripts.
//!
//! `snippet` makes the text for people.

use serde_json::{Value, json};

use super::documents;
use super::page::ListItem;
use super::words::ErrorWords;
use crate::error::{Error, Report, Snippet};
use crate::lock::PackagesRefused;
use crate::resolve::Conflict;

/// Returns the conflict in an error, if it has one: a conflict has its own layout.
pub(super) fn conflict_of(report: &dyn Report) -> Option<&Conflict> {
    let error: &(dyn std::error::Error + 'static) = report;
    error.downcast_ref()
}

/// Returns the packages that refuse every choice, if the error is about them.
fn refused_of(report: &dyn Report) -> Option<&PackagesRefused> {
    let error: &(dyn std::error::Error + 'static) = report;
    error.downcast_ref()
}

/// Returns the document that `--json` prints for an error.
pub(super) fn document(report: &dyn Report) -> Value {
    if let Some(conflict) = conflict_of(report) {
        return json!({"schema": 1, "ok": false, "conflict": documents::conflict(conflict)});
    }
    if let Some(refused) = refused_of(report) {
        return json!({"schema": 1, "ok": false, "conflict": documents::packages_refused(refused)});
    }
    if let Some((key, value)) = report.json() {
        return json!({"schema": 1, "ok": false, key: value});
    }
    let mut error = fields(report);
    let parts: Vec<Value> = report.parts().into_iter().map(fields).collect();
    if !parts.is_empty() {
        error["problems"] = parts.into();
    }
    json!({"schema": 1, "ok": false, "error": error})
}

/// Returns the fields of an error without a place in the user's text.
#[must_use]
pub fn error(error: &Error) -> Value {
    let words = words(error.report());
    json!({"kind": error.report().kind(), "message": words.sentence, "hints": words.hints})
}

/// Returns an error in one sentence.
#[must_use]
pub fn error_message(error: &Error) -> String {
    words(error.report()).sentence
}

fn fields(report: &dyn Report) -> Value {
    let span = report.snippets().first().map(|snippet| {
        let (line, column) = position(snippet);
        json!({"file": snippet.path, "line": line, "column": column, "start": snippet.span.start, "end": snippet.span.end})
    });
    let words = words(report);
    let mut fields = json!({"kind": report.kind(), "message": words.sentence, "hints": words.hints, "span": span});
    let output: Vec<_> = words.list.iter().map(ListItem::line).chain(words.output).collect();
    if !output.is_empty() {
        fields["output"] = output.into();
    }
    fields
}

/// Describes an error without passwords. Causes are added if they say more.
pub(super) fn words(report: &dyn Report) -> ErrorWords {
    let mut words = ErrorWords::of(report);
    let mut cause = report.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.sentence.contains(&more) {
            words.sentence = format!("{}: {more}", words.sentence);
        }
        cause = error.source();
    }
    words.redacted()
}

/// Returns the line and the column of a snippet's start, from 1.
fn position(snippet: &Snippet) -> (usize, usize) {
    let before = snippet.text.get(..snippet.span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
