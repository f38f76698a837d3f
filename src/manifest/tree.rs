//! A TOML document as a tree of values with their spans, and the merge of one layer over another.
//!
//! The text can be hostile, so the size of the text, of tables, of lists and of keys is limited.

use std::collections::BTreeMap;
use std::ops::Range;

use super::sources::Origin;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::ProblemKind;
use crate::parser;

/// A value with its span and origin.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) origin: Origin,
    pub(super) value: Value,
}

/// The kinds of TOML values, numbers with their text.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// An integer and its text. `None`: it needs more than 64 bits.
    Integer(Option<i64>, String),
    Float(f64, String),
    Flag(bool),
    /// A date, a time or both, as written.
    Moment(String),
    List(Vec<Node>),
    Table(Entries),
}

/// The keys of a table.
pub(super) type Entries = BTreeMap<String, Entry>;

/// One key of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
}

/// The largest text that is read, bytes. A long manifest has about ten thousand.
const LARGEST: usize = 1024 * 1024;

/// The largest number of keys in one table, and of items in one list.
const MOST: usize = 1000;

/// The longest key, bytes. The name of a variable can be as long.
const LONGEST_KEY: usize = 200;

/// The largest number of syntax errors in one report.
const MOST_ERRORS: usize = 20;

/// One syntax error of a text.
pub(super) struct SyntaxError {
    pub(super) kind: ProblemKind,
    pub(super) span: Range<usize>,
}

/// Reads as much of `text` as possible. It adds `start` to every span and gives every value this `origin`.
pub(super) fn parse(text: &str, start: usize, origin: Origin) -> (Entries, Vec<SyntaxError>) {
    if text.len() > LARGEST {
        let kind = ProblemKind::TooMuch { of: "bytes", found: text.len(), most: LARGEST };
        return (Entries::new(), vec![SyntaxError { kind, span: start..start }]);
    }
    // The library limits the nesting of tables, lists and dotted keys.
    let Ok((table, errors)) = parser::contain(|| DeTable::parse_recoverable(text)) else {
        let kind = ProblemKind::Syntax { message: parser::Panicked.to_string() };
        return (Entries::new(), vec![SyntaxError { kind, span: start..start }]);
    };
    let syntax = |error: &toml::de::Error| {
        let (message, span) = parser::toml_error(text, error);
        SyntaxError { kind: ProblemKind::Syntax { message }, span: moved(&span, start) }
    };
    let mut planter = Planter { start, origin, errors: errors.iter().take(MOST_ERRORS).map(syntax).collect() };
    let entries = planter.entries(table.get_ref(), table.span());
    (entries, planter.errors)
}

/// Builds the tree from the library's values.
struct Planter {
    start: usize,
    origin: Origin,
    errors: Vec<SyntaxError>,
}

impl Planter {
    fn entries(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Entries {
        self.count("keys in one table", table.len(), MOST, span);
        let mut entries = Entries::new();
        for (key, value) in table.iter().take(MOST) {
            let name: &str = key.get_ref();
            if name.len() > LONGEST_KEY {
                self.count("bytes in one key", name.len(), LONGEST_KEY, key.span());
                continue;
            }
            entries.insert(name.to_owned(), Entry { key_span: moved(&key.span(), self.start), node: self.node(value) });
        }
        entries
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>) -> Node {
        let read = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
                Value::Integer(parsed, number.as_str().to_owned())
            }
            DeValue::Float(number) => {
                Value::Float(number.as_str().parse().unwrap_or(f64::NAN), number.as_str().to_owned())
            }
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
            DeValue::Array(items) => {
                self.count("items in one list", items.len(), MOST, value.span());
                Value::List(items.iter().take(MOST).map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) => Value::Table(self.entries(table, value.span())),
        };
        Node { span: moved(&value.span(), self.start), origin: self.origin, value: read }
    }

    fn count(&mut self, of: &'static str, found: usize, most: usize, span: Range<usize>) {
        if found > most && self.errors.len() < MOST_ERRORS {
            // Only the start of the value, because the complete value would fill the screen.
            let kind = ProblemKind::TooMuch { of, found, most };
            let at = span.start + self.start;
            self.errors.push(SyntaxError { kind, span: at..at });
        }
    }
}

fn moved(span: &Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// Keys that exclude each other: the first in a higher layer replaces the second in a lower one.
const ALTERNATIVES: [(&str, &str, &str); 2] = [("system", "base", "image"), ("system", "image", "base")];

/// Lays a layer over the layers below it.
pub(super) fn lay_layer(under: &mut Entries, over: Entries) {
    for (table, key, other) in ALTERNATIVES {
        let Some(Value::Table(above)) = over.get(table).map(|entry| &entry.node.value) else { continue };
        if let Some(Value::Table(below)) = under.get_mut(table).map(|entry| &mut entry.node.value)
            && above.contains_key(key)
        {
            below.remove(other);
        }
    }
    lay(under, over);
}

/// Lays `over` over `under`. Tables merge key by key; any other value is replaced.
fn lay(under: &mut Entries, over: Entries) {
    for (key, entry) in over {
        match under.get_mut(&key) {
            Some(Entry { node: Node { value: Value::Table(below), .. }, .. })
                if matches!(entry.node.value, Value::Table(_)) =>
            {
                let Value::Table(above) = entry.node.value else { continue };
                lay(below, above);
            }
            _ => {
                under.insert(key, entry);
            }
        }
    }
}

impl Value {
    /// The kind of the value, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(..) => "an integer",
            Self::Float(..) => "a number",
            Self::Flag(_) => "a boolean",
            Self::Moment(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The value as TOML, on one line.
    pub(super) fn to_toml(&self) -> String {
        match self {
            Self::Text(text) => toml::Value::String(text.clone()).to_string(),
            Self::Integer(_, text) | Self::Float(_, text) | Self::Moment(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.value.to_toml()).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Table(entries) => {
                let pair =
                    |(key, entry): (&String, &Entry)| format!("{} = {}", key_text(key), entry.node.value.to_toml());
                format!("{{ {} }}", entries.iter().map(pair).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A key as TOML, without quotes if possible.
pub(super) fn key_text(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { key.to_owned() } else { toml::Value::String(key.to_owned()).to_string() }
}
