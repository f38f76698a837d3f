//! The merged configuration, key by key, with the source of each value. `envctl config` shows it.
//!
//! A default that depends on other values appears in words, because no single value exists for it.

use std::ops::Range;

use super::schema;
use super::tree::{Entries, Value, key_text};

/// One key of the merged configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key with its table: `run.shm-size`.
    pub key: String,
    /// The value as TOML; in words for a default that depends on other things.
    pub value: String,
    /// The span of the value, for [`Sources::place`](super::Sources::place). `None`: a default.
    pub span: Option<Range<usize>>,
}

/// The keys that the layers set, in the order of the keys.
pub(super) fn of(merged: &Entries) -> Vec<Setting> {
    let mut settings = Vec::new();
    collect(merged, "", &mut settings);
    settings
}

fn collect(entries: &Entries, prefix: &str, settings: &mut Vec<Setting>) {
    for (key, entry) in entries {
        let key = format!("{prefix}{}", key_text(key));
        match &entry.node.value {
            Value::Table(inner) => collect(inner, &format!("{key}."), settings),
            value => settings.push(Setting { key, value: value.to_toml(), span: Some(entry.node.span.clone()) }),
        }
    }
}

/// The defaults of the keys that no layer sets, in the order of the documentation.
#[must_use]
pub fn defaults(set: &[Setting]) -> Vec<Setting> {
    let plain = schema::KEYS.iter().filter(|key| !key.table.contains('.') && !key.default.is_empty());
    let setting = |key: &schema::Key| {
        let path = if key.table.is_empty() { key.name.to_owned() } else { format!("{}.{}", key.table, key.name) };
        Setting { key: path, value: key.default.to_owned(), span: None }
    };
    let unset = |default: &Setting| {
        let inner = format!("{}.", default.key);
        !set.iter().any(|setting| setting.key == default.key || setting.key.starts_with(&inner))
    };
    plain.map(setting).filter(unset).collect()
}
