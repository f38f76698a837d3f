//! The text of a drafted manifest: TOML with a comment for the place of each value.
//!
//! `toml_edit` quotes every value and key, and a comment holds only shown text, so nothing of a stranger's file can begin a
//! line of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml_edit::{Array, InlineTable, Key, Value};

use super::item::{DraftFramework, DraftItem, DraftPlace};
use crate::foreign::KeyPart;
use crate::manifest::schema::{KEYS, TABLES};
use crate::manifest::{EnvironmentName, FrameworkId};

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
            write_line(text, &format!("{} = {}", Key::new(name), value_text(value)), &item.place);
        }
    }
}

fn value_text(value: &Value) -> String {
    value.to_string().trim().to_owned()
}

fn write_line(text: &mut String, content: &str, place: &DraftPlace) {
    let _ = writeln!(text, "{content}  # {place}");
}
