//! Describes a drafted manifest: what was taken, what was guessed, what was left out, each with its place.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::page::Page;
use super::words::left_reason;
use crate::draft::{Draft, DraftPlace, How, LeftOut};
use crate::text::{escaped, shown};

/// The largest number of lines about what is left out, in the manifest and on the screen.
const MOST_LEFT: usize = 60;

/// One value of a draft, in words.
struct TakenValue {
    text: String,
    place: DraftPlace,
    how: How,
}

fn taken(draft: &Draft) -> Vec<TakenValue> {
    let frameworks = draft.frameworks.iter().map(|(id, found)| {
        let with = if found.with.is_empty() { String::new() } else { format!(" with {}", joined(&found.with)) };
        let text = format!("{id} = \"{}\"{with}", found.version);
        TakenValue { text, place: found.place.clone(), how: found.how }
    });
    let items = draft.items.iter().map(|item| {
        let text = escaped(&item.setting.to_string());
        TakenValue { text, place: item.place.clone(), how: item.how }
    });
    frameworks.chain(items).collect()
}

fn joined(names: &std::collections::BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The report for a person.
pub(super) fn draft_report(draft: &Draft, page: Page) -> String {
    let taken = taken(draft);
    let mut text = String::new();
    for (head, hows) in [("taken", &[How::Asked, How::Mapped][..]), ("guessed", &[How::Guessed][..])] {
        let lines = taken.iter().filter(|value| hows.contains(&value.how));
        section(&mut text, head, lines.map(|value| format!("{} ({})", value.text, value.place)).collect(), page);
    }
    section(&mut text, "left out", draft.left.iter().map(left).collect(), page);
    text
}

fn section(text: &mut String, head: &str, mut lines: Vec<String>, page: Page) {
    if lines.is_empty() {
        return;
    }
    if lines.len() > MOST_LEFT {
        let more = lines.len() - MOST_LEFT;
        lines.truncate(MOST_LEFT);
        lines.push(format!("… and {more} more"));
    }
    text.push_str(&page.paint.bold(&format!("{head}:")));
    text.push('\n');
    for line in lines {
        text.push_str(&page.item("  ", "-", "-", &line));
    }
}

/// What is left out, as comments for the end of the manifest.
#[must_use]
pub fn left_comments(draft: &Draft) -> String {
    let mut text = String::new();
    for line in draft.left.iter().take(MOST_LEFT).map(left) {
        let _ = writeln!(text, "#   {line}");
    }
    if text.is_empty() { text } else { format!("\n# Left out:\n{text}") }
}

fn left(left: &LeftOut) -> String {
    format!("{} ({}): {}", shown(&left.text), left.place, left_reason(&left.why))
}

/// The values as JSON: `taken` and `left`.
#[must_use]
pub fn draft_document(draft: &Draft) -> (Value, Value) {
    let how = |how| match how {
        How::Asked => "asked",
        How::Mapped => "mapped",
        How::Guessed => "guessed",
    };
    let taken = taken(draft).into_iter();
    let taken = taken.map(|value| json!({"value": value.text, "from": value.place.to_string(), "how": how(value.how)}));
    let left = draft.left.iter();
    let left = left.map(|one| json!({"what": one.text, "from": one.place.to_string(), "why": left_reason(&one.why)}));
    (taken.collect(), left.collect())
}
