//! The text of a drafted manifest: TOML with a comment for the place of each value.
//!
//! `toml_edit` quotes every value and key, and a comment holds only shown text, so nothing of a stranger's file can begin a
//! line of its own. What has no shape or turns text around is written as an escape: the file shows what it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml_edit::{Array, InlineTable, Key, Value};

use super::item::{DraftFramework, DraftItem, DraftPlace};
use crate::foreign::KeyPart;
use crate::manifest::schema::{KEYS, TABLES};
use crate::manifest::{EnvironmentName, FrameworkId};
use crate::text::is_invisible;

/// Writes the whole text.
pub(super) fn write_manifest(
    name: &EnvironmentName,
    found: &BTreeMap<FrameworkId, DraftFramework>,
    items: &[DraftItem],
) -> String {
    let mut text = format!(
        "# The environment of this project. `envctl check` says what fits, `envctl up` builds and starts it.\n\n\
         name = {}\n",
        Value::from(name.as_str())
    );
    for table in TABLES {
        if table == "frameworks" {
            write_frameworks(&mut text, found);
        } else {
            write_table(&mut text, items, table);
        }
    }
    text
}

fn write_frameworks(text: &mut String, found: &BTreeMap<FrameworkId, DraftFramework>) {
    if found.is_empty() {
        return;
    }
    text.push_str("\n[frameworks]\n");
    for (id, DraftFramework { version, with, place, .. }) in found {
        let mut value = Value::from(version.text());
        if !with.is_empty() {
            let mut table = InlineTable::new();
            table.insert("version", value);
            table.insert("with", Value::Array(with.iter().map(String::as_str).collect::<Array>()));
            value = Value::InlineTable(table);
        }
        write_line(text, &format!("{} = {value}", Key::new(id.as_str())), place);
    }
}

fn write_table(text: &mut String, items: &[DraftItem], table: &str) {
    let items: Vec<&DraftItem> = items.iter().filter(|item| item.setting.table == table).collect();
    if items.is_empty() {
        return;
    }
    let is_plain = |item: &&DraftItem| !matches!(item.setting.part, KeyPart::Entry(..));
    if items.iter().copied().any(|item| is_plain(&item)) {
        let _ = write!(text, "\n[{table}]\n");
    }
    let keys = KEYS.iter().filter(|key| key.table == table).map(|key| key.name);
    let mut entries = String::new();
    for key in keys {
        let of_key: Vec<&&DraftItem> = items.iter().filter(|item| item.setting.key == key).collect();
        match of_key.first().map(|item| &item.setting.part) {
            None => {}
            Some(KeyPart::Whole(value)) => {
                write_line(text, &format!("{key} = {}", value_text(value)), &of_key[0].place);
            }
            Some(KeyPart::Item(_)) => write_list(text, key, &of_key),
            Some(KeyPart::Entry(..)) => write_entries(&mut entries, table, key, &of_key),
        }
    }
    text.push_str(&entries);
}

fn write_list(text: &mut String, key: &str, items: &[&&DraftItem]) {
    // One file that names itself needs no line of its own.
    if let [item] = items
        && let KeyPart::Item(value) = &item.setting.part
        && value.as_str() == Some(item.place.file.as_str())
    {
        let _ = writeln!(text, "{key} = [{}]", value_text(value));
        return;
    }
    let _ = writeln!(text, "{key} = [");
    for item in items {
        if let KeyPart::Item(value) = &item.setting.part {
            if value.as_str() == Some(item.place.file.as_str()) {
                let _ = writeln!(text, "    {},", value_text(value));
                continue;
            }
            write_line(text, &format!("    {},", value_text(value)), &item.place);
        }
    }
    text.push_str("]\n");
}

fn write_entries(text: &mut String, table: &str, key: &str, items: &[&&DraftItem]) {
    let _ = write!(text, "\n[{table}.{key}]\n");
    for item in items {
        if let KeyPart::Entry(name, value) = &item.setting.part {
            write_line(text, &format!("{} = {}", key_text(name), value_text(value)), &item.place);
        }
    }
}

/// A value as TOML, without invisible characters.
fn value_text(value: &Value) -> String {
    visible(&value.to_string()).trim().to_owned()
}

/// TOML of the writer with its invisible characters as escapes. The writer puts no such character outside a text, but it
/// can put a text into single quotes, where no escape is possible.
fn visible(toml: &str) -> String {
    if !toml.contains(is_invisible) {
        return toml.to_owned();
    }
    let Ok(value) = toml.trim().parse::<Value>() else { return toml.escape_default().to_string() };
    match value {
        Value::String(text) => quoted(text.value()),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", "))
        }
        Value::InlineTable(table) => {
            let entries = table.iter().map(|(key, value)| format!("{} = {}", key_text(key), value_text(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn key_text(key: &str) -> String {
    if key.contains(is_invisible) { quoted(key) } else { Key::new(key).to_string() }
}

/// A text in double quotes, with an escape for whatever can't be seen.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            hidden if hidden.is_control() || is_invisible(hidden) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(hidden));
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

fn write_line(text: &mut String, content: &str, place: &DraftPlace) {
    let _ = writeln!(text, "{content}  # {place}");
}
