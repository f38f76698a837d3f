//! Reads values of a TOML file by their keys, with lines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::line_index::LineIndex;
use super::toml::toml_table;

/// A value and its line in the file, from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lined<T> {
    pub value: T,
    pub line: usize,
}

/// The reason why a text is not TOML, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlError {
    pub line: usize,
    pub message: String,
}

/// A TOML file of another tool.
pub struct TomlFile<'t> {
    lines: LineIndex,
    root: Spanned<DeTable<'t>>,
}

/// A value in such a file.
pub type TomlValue<'t> = Spanned<DeValue<'t>>;

impl<'t> TomlFile<'t> {
    /// Reads the file's text.
    pub fn parse(text: &'t str) -> Result<Self, TomlError> {
        let lines = LineIndex::new(text);
        let root = toml_table(text).map_err(|(message, span)| TomlError {
            line: lines.line(span.start),
            message: message.lines().next().unwrap_or("").into(),
        })?;
        Ok(Self { lines, root })
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn value(&self, path: &[&str]) -> Option<&TomlValue<'t>> {
        let (last, above) = path.split_last()?;
        let mut table = self.root.get_ref();
        for key in above {
            table = key_of(table, key)?.get_ref().as_table()?;
        }
        key_of(table, last)
    }

    /// The entries of the table at a path, in the order of their names.
    #[must_use]
    pub fn entries(&self, path: &[&str]) -> Vec<(&str, &TomlValue<'t>)> {
        self.value(path).and_then(|value| value.get_ref().as_table()).map(entries).unwrap_or_default()
    }

    /// The text at a path.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<Lined<String>> {
        self.text_of(self.value(path)?)
    }

    /// The value as a text, if it is one.
    #[must_use]
    pub fn text_of(&self, value: &TomlValue<'t>) -> Option<Lined<String>> {
        Some(Lined { value: value.get_ref().as_str()?.to_owned(), line: self.line(value) })
    }

    /// The texts of a list.
    #[must_use]
    pub fn texts_of(&self, value: &TomlValue<'t>) -> Vec<Lined<String>> {
        items(value).iter().filter_map(|item| self.text_of(item)).collect()
    }

    /// The line of a value, from 1.
    #[must_use]
    pub fn line(&self, value: &TomlValue<'t>) -> usize {
        self.lines.line(value.span().start)
    }
}

/// The entries of a table, in the order of their names.
#[must_use]
pub fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a str, &'a TomlValue<'t>)> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect()
}

/// The value of a key.
#[must_use]
pub fn key_of<'a, 't>(table: &'a DeTable<'t>, key: &str) -> Option<&'a TomlValue<'t>> {
    table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
}

/// The text of a key in a table value.
#[must_use]
pub fn key_text<'a>(value: &'a TomlValue<'_>, key: &str) -> Option<&'a str> {
    key_of(value.get_ref().as_table()?, key)?.get_ref().as_str()
}

/// The items of a list. Another value has none.
#[must_use]
pub fn items<'a, 't>(value: &'a TomlValue<'t>) -> &'a [TomlValue<'t>] {
    value.get_ref().as_array().map(|items| &items[..]).unwrap_or_default()
}
