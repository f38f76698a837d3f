//! Reads values of a TOML file by their keys, with lines.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Lined, UnreadFile, lined};
use crate::parser;

/// A TOML file of another tool.
pub(super) struct TomlFile<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

/// A value in such a file.
pub(super) type TomlValue<'t> = Spanned<DeValue<'t>>;

impl<'t> TomlFile<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, UnreadFile> {
        let root = parser::toml_table(text).map_err(|(why, span)| UnreadFile {
            line: line_at(text, &span),
            why: why.lines().next().unwrap_or("").into(),
        })?;
        Ok(Self { text, root })
    }

    /// The value at a path of keys.
    pub(super) fn value(&self, path: &[&str]) -> Option<&TomlValue<'t>> {
        let (last, above) = path.split_last()?;
        let mut table = self.root.get_ref();
        for key in above {
            table = key_of(table, key)?.get_ref().as_table()?;
        }
        key_of(table, last)
    }

    /// The entries of the table at a path, in the order of their names.
    pub(super) fn entries(&self, path: &[&str]) -> Vec<(&str, &TomlValue<'t>)> {
        self.value(path).and_then(|value| value.get_ref().as_table()).map(entries).unwrap_or_default()
    }

    /// The text at a path.
    pub(super) fn text(&self, path: &[&str]) -> Option<Lined<String>> {
        self.text_of(self.value(path)?)
    }

    /// The value as a text, if it is one.
    pub(super) fn text_of(&self, value: &TomlValue<'t>) -> Option<Lined<String>> {
        Some(lined(value.get_ref().as_str()?, self.line(value)))
    }

    /// The texts of a list.
    pub(super) fn texts_of(&self, value: &TomlValue<'t>) -> Vec<Lined<String>> {
        items(value).iter().filter_map(|item| self.text_of(item)).collect()
    }

    /// The line of a value, from 1.
    pub(super) fn line(&self, value: &TomlValue<'t>) -> usize {
        line_at(self.text, &value.span())
    }
}

/// The entries of a table, in the order of their names.
pub(super) fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a str, &'a TomlValue<'t>)> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect()
}

/// The value of a key.
pub(super) fn key_of<'a, 't>(table: &'a DeTable<'t>, key: &str) -> Option<&'a TomlValue<'t>> {
    table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
}

/// The text of a key in a table value.
pub(super) fn key_text<'a>(value: &'a TomlValue<'_>, key: &str) -> Option<&'a str> {
    key_of(value.get_ref().as_table()?, key)?.get_ref().as_str()
}

/// The items of a list. Another value has none.
pub(super) fn items<'a, 't>(value: &'a TomlValue<'t>) -> &'a [TomlValue<'t>] {
    value.get_ref().as_array().map(|items| &items[..]).unwrap_or_default()
}

fn line_at(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or_default().matches('\n').count() + 1
}
