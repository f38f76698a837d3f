//! Describes a drafted manifest: what was taken, what was guessed, what was left out, each with its place.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::page::Page;
use super::words::left_reason;
use crate::draft::{Draft, DraftPlace, How, LeftOut, LeftReason};
use crate::text::{escaped, redacted, shown};

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
        let text = escaped(&redacted(&item.setting.to_string()));
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
        let lines = lines.map(|value| format!("{} ({})", value.text, value.place)).collect();
        section(&mut text, head, ListedLines { lines, unlisted: 0 }, page);
    }
    let (asking, others) = split_left(draft);
    section(&mut text, "left out, because only you decide about it", asking, page);
    section(&mut text, "left out", others, page);
    text
}

/// Lines of a list, and the number of those that are not kept.
struct ListedLines {
    lines: Vec<String>,
    unlisted: usize,
}

impl ListedLines {
    /// The lines up to a limit, and the number of the others.
    fn limited(self) -> Vec<String> {
        let Self { mut lines, unlisted } = self;
        let more = unlisted + lines.len().saturating_sub(MOST_LEFT);
        lines.truncate(MOST_LEFT);
        lines.extend((more > 0).then(|| format!("… and {more} more")));
        lines
    }
}

/// What is left out because it needs a grant, and the rest.
fn split_left(draft: &Draft) -> (ListedLines, ListedLines) {
    let (asking, others): (Vec<_>, Vec<_>) = draft.left.iter().partition(|one| needed_grant(one).is_some());
    let lines = |all: Vec<&LeftOut>| all.into_iter().map(left).collect();
    (ListedLines { lines: lines(asking), unlisted: 0 }, ListedLines { lines: lines(others), unlisted: draft.unlisted })
}

/// The grant that something needs, as `--allow` names it.
fn needed_grant(left: &LeftOut) -> Option<&'static str> {
    match left.why {
        LeftReason::NeedsGrant(kind) => Some(kind.name()),
        _ => None,
    }
}

fn section(text: &mut String, head: &str, listed: ListedLines, page: Page) {
    let lines = listed.limited();
    if lines.is_empty() {
        return;
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
    let (asking, others) = split_left(draft);
    let mut text = String::new();
    for (head, listed) in [("Left out, because only you decide about it", asking), ("Left out", others)] {
        let lines = listed.limited();
        if !lines.is_empty() {
            let _ = writeln!(text, "\n# {head}:");
        }
        for line in lines {
            let _ = writeln!(text, "#   {line}");
        }
    }
    text
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
    let left = left.map(|one| {
        json!({"what": one.text, "from": one.place.to_string(), "why": left_reason(&one.why), "grant": needed_grant(one)})
    });
    (taken.collect(), left.collect())
}
