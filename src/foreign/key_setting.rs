//! A key of a manifest with the value that a file of another tool means.

use toml_edit::{Array, InlineTable, Value};

/// A key and a value of it.
#[derive(Clone, Debug)]
pub struct KeySetting {
    /// The table of the key, `run`.
    pub table: &'static str,
    pub key: &'static str,
    pub part: KeyPart,
}

/// The part of a key's value.
#[derive(Clone, Debug)]
pub enum KeyPart {
    Whole(Value),
    /// One item of a list.
    Item(Value),
    /// One entry of a table of names.
    Entry(String, Value),
}

impl KeySetting {
    #[must_use]
    pub fn whole(table: &'static str, key: &'static str, value: impl Into<Value>) -> Self {
        Self { table, key, part: KeyPart::Whole(value.into()) }
    }

    #[must_use]
    pub fn item(table: &'static str, key: &'static str, value: impl Into<Value>) -> Self {
        Self { table, key, part: KeyPart::Item(value.into()) }
    }

    #[must_use]
    pub fn entry(table: &'static str, key: &'static str, name: &str, value: impl Into<Value>) -> Self {
        Self { table, key, part: KeyPart::Entry(name.to_owned(), value.into()) }
    }
}

/// The GPUs that `--gpus` of `docker run` names: `all`, `2`, `device=0,1`, `"device=GPU-…"`. `None`: another form.
pub(super) fn gpu_devices(text: &str) -> Option<Value> {
    let text = text.trim_matches(['"', '\'']);
    if text == "all" {
        return Some("all".into());
    }
    if let Ok(count) = text.parse::<u32>() {
        let mut table = InlineTable::new();
        table.insert("count", i64::from(count).into());
        return Some(Value::InlineTable(table));
    }
    let list = text.strip_prefix("device=")?;
    let mut devices = Array::new();
    for device in list.split(',').filter(|device| !device.is_empty()) {
        match device.parse::<u32>() {
            Ok(index) => devices.push(i64::from(index)),
            Err(_) => devices.push(device),
        }
    }
    (!devices.is_empty()).then_some(Value::Array(devices))
}
