//! An error as a person reads it, and as a script does.

use serde_json::{Value, json};

use crate::error::{Report, Snippet};

use super::printer::Paint;

/// `error: …`, the place in the user's text, the other program's last words, the hints.
pub(super) fn text(report: &dyn Report, paint: Paint) -> String {
    let mut text = format!("{} {}\n", paint.red("error:"), sentence(report));
    for snippet in report.snippets() {
        text.push_str(&place(&snippet, paint));
    }
    for line in report.output() {
        text.push_str(&format!("{} {line}\n", paint.dim("  |")));
    }
    for hint in report.hints() {
        text.push_str(&format!("{} {hint}\n", paint.cyan("hint:")));
    }
    text
}

/// The document that `--json` prints for an error.
pub(super) fn document(report: &dyn Report) -> Value {
    if let Some((key, value)) = report.json() {
        return json!({"schema": 1, "ok": false, key: value});
    }
    let span = report.snippets().first().map(|snippet| {
        let (line, column) = position(snippet);
        json!({"file": snippet.path, "line": line, "column": column, "start": snippet.span.start, "end": snippet.span.end})
    });
    json!({"schema": 1, "ok": false, "error": {
        "kind": report.kind(), "message": sentence(report), "hints": report.hints(), "span": span,
    }})
}

/// The message with the messages of its causes, where they add something.
fn sentence(report: &dyn Report) -> String {
    let mut text = report.to_string();
    let mut cause = report.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}

fn place(snippet: &Snippet, paint: Paint) -> String {
    let (line, column) = position(snippet);
    let text = snippet.text.lines().nth(line - 1).unwrap_or_default();
    let width =
        snippet.text.get(snippet.span.clone()).map_or(1, |s| s.lines().next().unwrap_or_default().chars().count());
    let gutter = " ".repeat(line.to_string().len());
    let caret = format!("{}{} {}", " ".repeat(column - 1), "^".repeat(width.max(1)), snippet.label);
    format!(
        "{gutter}{} {}:{line}:{column}\n{gutter} {}\n{} {text}\n{gutter} {} {}\n",
        paint.blue("-->"),
        snippet.path.display(),
        paint.blue("|"),
        paint.blue(&format!("{line} |")),
        paint.blue("|"),
        paint.red(caret.trim_end()),
    )
}

/// Line and column of a snippet's start, from 1.
fn position(snippet: &Snippet) -> (usize, usize) {
    let before = snippet.text.get(..snippet.span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
