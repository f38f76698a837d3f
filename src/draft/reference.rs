//! Writes requirements into a draft: by a reference to their file, or one by one.

use toml_edit::{InlineTable, Value};

use super::frameworks::FrameworkLines;
use super::{Draft, DraftPlace, How, LeftReason};
use crate::foreign::{KeySetting, Lined, UnreadFile};

/// Names a file in `requirements`, without these packages.
pub(super) fn refer(draft: &mut Draft, name: &str, skip: &[String]) {
    let mut value = Value::from(name);
    if !skip.is_empty() {
        let mut table = InlineTable::new();
        table.insert("file", value);
        table.insert("skip", Value::Array(skip.iter().map(String::as_str).collect()));
        value = Value::InlineTable(table);
    }
    draft.offer(KeySetting::item("python", "requirements", value), &DraftPlace::whole(name), How::Mapped);
}

/// Writes requirements into the manifest, but for those of frameworks.
pub(super) fn copy(draft: &mut Draft, lines: &mut FrameworkLines<'_>, found: &[Lined<String>], file: &str, how: How) {
    for line in found {
        if !lines.take(line, file) {
            let place = DraftPlace::line(file, line.line);
            draft.offer(KeySetting::item("python", "packages", line.value.as_str()), &place, how);
        }
    }
}

pub(super) fn unreadable(draft: &mut Draft, file: &str, bad: &UnreadFile) {
    let why = LeftReason::Unreadable(crate::text::shown(&bad.why));
    draft.leave(file, &DraftPlace::line(file, bad.line), why);
}
