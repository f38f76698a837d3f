//! Takes keys out of tables and checks their values.
//!
//! The reader remembers every problem and goes on, so that one run reports all of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use super::Located;
use super::error::FoundProblem;
use super::problem::ProblemKind;
use super::schema;
use super::tree::{Entries, Entry, Node, Value};
use super::types::ValueError;

/// The problems so far, and the spans of the values.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) found: Vec<FoundProblem>,
    /// The span of each value by its key: `run.project`.
    spans: BTreeMap<String, Range<usize>>,
}

/// A table and the keys taken from it. A key that is never taken is unknown.
pub(super) struct TableReader {
    /// The name in the schema: `run`; empty for the top level.
    name: &'static str,
    entries: Entries,
}

impl TableReader {
    pub(super) fn new(name: &'static str, entries: Entries) -> Self {
        Self { name, entries }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        self.entries.remove(key)
    }

    pub(super) fn put(&mut self, key: &str, entry: Entry) {
        self.entries.insert(key.to_owned(), entry);
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub(super) fn into_entries(self) -> Entries {
        self.entries
    }
}

/// The largest number of problems in one report, because each is shown with its line.
const MOST_PROBLEMS: usize = 50;

impl Reader {
    pub(super) fn problem(&mut self, kind: ProblemKind, span: &Range<usize>) {
        self.note(FoundProblem { kind, span: span.clone(), also: None });
    }

    fn note(&mut self, found: FoundProblem) {
        if !self.is_full() {
            self.found.push(found);
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MOST_PROBLEMS
    }

    /// Adds a problem between two places.
    pub(super) fn problem_with(
        &mut self,
        kind: ProblemKind,
        span: &Range<usize>,
        other: Range<usize>,
        label: &'static str,
    ) {
        self.note(FoundProblem { kind, span: span.clone(), also: Some((other, label)) });
    }

    /// The span of a key's value; empty if the key is absent.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.spans.get(key).cloned().unwrap_or_default()
    }

    /// Reports a list that is present but empty.
    pub(super) fn not_empty(&mut self, table: &TableReader, key: &str, path: &'static str, instead: &'static str) {
        if let Some(Entry { node: Node { value: Value::List(items), span, .. }, .. }) = table.entries.get(key)
            && items.is_empty()
        {
            self.problem(ProblemKind::EmptyList { key: path, instead }, span);
        }
    }

    pub(super) fn wrong_type(&mut self, key: String, node: &Node, allowed: &'static str) {
        let text = node.value.to_toml();
        let right = match node.value {
            Value::Text(_) if key == "run.command" => Some(format!("words in a list: `[\"sh\", \"-c\", {text}]`")),
            Value::Text(_) if allowed.starts_with("a list") => Some(format!("it as a list: `[{text}]`")),
            Value::Text(ref flag) if allowed.starts_with("`true`") && (flag == "true" || flag == "false") => {
                Some(format!("it without quotes: `{flag}`"))
            }
            Value::Integer(..) | Value::Float(..) | Value::Moment(_) if allowed.starts_with("a string") => {
                Some(format!("it in quotes: `\"{text}\"`"))
            }
            _ => None,
        };
        self.problem(ProblemKind::WrongType { key, found: node.value.kind(), allowed, right }, &node.span);
    }

    /// A table of the top level; empty if it is absent.
    pub(super) fn table(&mut self, root: &mut TableReader, name: &'static str) -> TableReader {
        let entries = match root.take(name) {
            None => Entries::new(),
            Some(Entry { node: Node { value: Value::Table(entries), .. }, .. }) => {
                let places = entries.iter().map(|(key, entry)| (format!("{name}.{key}"), entry.node.span.clone()));
                self.spans.extend(places);
                entries
            }
            Some(entry) => {
                self.wrong_type(name.to_owned(), &entry.node, "a table: a line `[name]` with its keys below");
                Entries::new()
            }
        };
        TableReader::new(name, entries)
    }

    /// Reports the keys that were never taken as unknown.
    pub(super) fn finish(&mut self, table: TableReader) {
        for (key, entry) in table.entries {
            if self.is_full() {
                return;
            }
            let answer = schema::answer(table.name, &key);
            self.problem(ProblemKind::UnknownKey { key, table: table.name, answer }, &entry.key_span);
        }
    }

    /// A text that passes the check of `T`.
    pub(super) fn text<T>(&mut self, table: &mut TableReader, key: &str) -> Option<Located<T>>
    where
        T: FromStr,
        ValueError: From<T::Err>,
    {
        let entry = table.take(key)?;
        let path = table.path(key);
        self.checked(path, &entry.node)
    }

    /// A text, or a number that reads as one (`535`, `8`).
    pub(super) fn text_or_integer<T>(&mut self, table: &mut TableReader, key: &str) -> Option<Located<T>>
    where
        T: FromStr,
        ValueError: From<T::Err>,
    {
        let mut entry = table.take(key)?;
        if let Value::Integer(_, text) = &entry.node.value {
            entry.node.value = Value::Text(text.clone());
        }
        let path = table.path(key);
        self.checked(path, &entry.node)
    }

    pub(super) fn checked<T>(&mut self, path: String, node: &Node) -> Option<Located<T>>
    where
        T: FromStr,
        ValueError: From<T::Err>,
    {
        let Value::Text(text) = &node.value else {
            self.wrong_type(path, node, "a string");
            return None;
        };
        match text.parse::<T>() {
            Ok(value) => Some(located(value, node)),
            Err(error) => {
                self.problem(ProblemKind::BadValue(error.into()), &node.span);
                None
            }
        }
    }

    /// A text without any check.
    pub(super) fn plain(&mut self, table: &mut TableReader, key: &str) -> Option<Located<String>> {
        let entry = table.take(key)?;
        let Value::Text(text) = entry.node.value else {
            self.wrong_type(table.path(key), &entry.node, "a string");
            return None;
        };
        Some(Located { value: text, span: Some(entry.node.span), origin: entry.node.origin })
    }

    pub(super) fn flag(&mut self, table: &mut TableReader, key: &str) -> Option<Located<bool>> {
        let entry = table.take(key)?;
        let Value::Flag(flag) = entry.node.value else {
            self.wrong_type(table.path(key), &entry.node, "`true` or `false`");
            return None;
        };
        Some(Located { value: flag, span: Some(entry.node.span), origin: entry.node.origin })
    }

    /// The items of a list. `None`: the key is absent.
    pub(super) fn items(&mut self, table: &mut TableReader, key: &str, allowed: &'static str) -> Option<Vec<Node>> {
        let entry = table.take(key)?;
        let Value::List(items) = entry.node.value else {
            self.wrong_type(table.path(key), &entry.node, allowed);
            return None;
        };
        Some(items)
    }

    /// A list of texts that pass the check of `T`.
    pub(super) fn list<T>(&mut self, table: &mut TableReader, key: &str) -> Vec<Located<T>>
    where
        T: FromStr,
        ValueError: From<T::Err>,
    {
        let items = self.items(table, key, "a list of strings").unwrap_or_default();
        items.iter().filter_map(|item| self.checked(format!("{}[]", table.path(key)), item)).collect()
    }

    /// A list of texts without any check.
    pub(super) fn plain_list(&mut self, table: &mut TableReader, key: &str) -> Option<Vec<Located<String>>> {
        let items = self.items(table, key, "a list of strings")?;
        let mut texts = Vec::new();
        for item in items {
            match item.value {
                Value::Text(text) => texts.push(Located { value: text, span: Some(item.span), origin: item.origin }),
                _ => self.wrong_type(format!("{}[]", table.path(key)), &item, "a string"),
            }
        }
        Some(texts)
    }

    /// A table of names and scalar values. Numbers and booleans become text as written.
    pub(super) fn pairs<K, V>(&mut self, table: &mut TableReader, key: &str) -> BTreeMap<K, Located<V>>
    where
        K: FromStr + Ord,
        V: FromStr,
        ValueError: From<K::Err> + From<V::Err>,
    {
        let Some(entry) = table.take(key) else { return BTreeMap::new() };
        let Value::Table(entries) = entry.node.value else {
            self.wrong_type(table.path(key), &entry.node, "a table such as `{ NAME = \"value\" }`");
            return BTreeMap::new();
        };
        let mut pairs = BTreeMap::new();
        for (name, entry) in entries {
            let node = scalar_text(entry.node);
            let value = self.checked(format!("{}.{name}", table.path(key)), &node);
            match name.parse::<K>() {
                Ok(name) => pairs.extend(value.map(|value| (name, value))),
                Err(error) => self.problem(ProblemKind::BadValue(error.into()), &entry.key_span),
            }
        }
        pairs
    }
}

/// Numbers and booleans as text, as written.
pub(super) fn scalar_text(mut node: Node) -> Node {
    if matches!(node.value, Value::Integer(..) | Value::Float(..) | Value::Flag(_)) {
        node.value = Value::Text(node.value.to_toml());
    }
    node
}

pub(super) fn located<T>(value: T, node: &Node) -> Located<T> {
    Located { value, span: Some(node.span.clone()), origin: node.origin }
}
