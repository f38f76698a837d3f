//! Reads YAML into a tree of texts with their lines.
//!
//! The library gives events and keeps its state on the heap, so this module limits the size, the nesting and the number of
//! nodes. An alias could double a document with each line, so it is refused. No scalar gets a type: `3.10` stays a text.

use saphyr_parser::{Event, Parser};

use super::contain;

/// The largest text, bytes.
const LARGEST: usize = 1024 * 1024;

/// How deep lists and maps may be nested.
const DEEPEST: usize = 32;

/// The largest number of values.
const MOST: usize = 50_000;

/// A value and the line where it begins, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlNode {
    pub value: YamlValue,
    pub line: usize,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YamlValue {
    /// Any scalar, as text. An absent value is empty.
    Text(String),
    List(Vec<YamlNode>),
    /// The keys in the order of the text. A key that is not a scalar is empty.
    Map(Vec<(String, YamlNode)>),
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The line, from 1.
    pub line: usize,
    pub message: String,
}

impl YamlNode {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let YamlValue::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The items of a list. Another value has none.
    #[must_use]
    pub fn items(&self) -> &[YamlNode] {
        if let YamlValue::List(items) = &self.value { items } else { &[] }
    }

    /// The entries of a map. Another value has none.
    #[must_use]
    pub fn entries(&self) -> &[(String, YamlNode)] {
        if let YamlValue::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The value of a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&YamlNode> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }
}

/// Reads the first document of a text.
pub fn yaml(text: &str) -> Result<YamlNode, YamlError> {
    if text.len() > LARGEST {
        let message = format!("it has {} bytes, and {LARGEST} are allowed", text.len());
        return Err(YamlError { line: 1, message });
    }
    contain(|| read(text)).unwrap_or_else(|panicked| Err(YamlError { line: 1, message: panicked.to_string() }))
}

/// A list or a map that is not complete.
struct Open {
    line: usize,
    value: YamlValue,
    /// The key whose value comes next.
    key: Option<String>,
}

fn read(text: &str) -> Result<YamlNode, YamlError> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut count = 0;
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let message = error.info().lines().next().unwrap_or_default().to_owned();
            // The library can name the line after the last one.
            let line = error.marker().line().clamp(1, text.matches('\n').count() + 1);
            YamlError { line, message }
        })?;
        let line = span.start.line().max(1);
        let refused = |message: String| Err(YamlError { line, message });
        count += 1;
        if count > MOST {
            return refused(format!("it has more than {MOST} values"));
        }
        let done = match event {
            Event::Scalar(text, ..) => YamlNode { value: YamlValue::Text(text.into_owned()), line },
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEEPEST => {
                return refused(format!("it is nested more than {DEEPEST} deep"));
            }
            Event::SequenceStart(..) => {
                open.push(Open { line, value: YamlValue::List(Vec::new()), key: None });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { line, value: YamlValue::Map(Vec::new()), key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open { line, value, .. }) => YamlNode { value, line },
                None => continue,
            },
            Event::Alias(_) => return refused("aliases are not read".to_owned()),
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        match open.last_mut() {
            None => return Ok(done),
            Some(above) => above.put(done),
        }
    }
    Ok(YamlNode { value: YamlValue::Text(String::new()), line: 1 })
}

impl Open {
    fn put(&mut self, node: YamlNode) {
        match (&mut self.value, self.key.take()) {
            (YamlValue::List(items), _) => items.push(node),
            (YamlValue::Map(entries), Some(key)) => entries.push((key, node)),
            (YamlValue::Map(_), None) => self.key = Some(node.text().unwrap_or_default().to_owned()),
            (YamlValue::Text(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_maps_and_lines() {
        let read = yaml("name: x\ndependencies:\n  - python=3.10\n  - pip:\n    - rich>=13  # why\n").unwrap();
        assert_eq!(read.get("name").and_then(YamlNode::text), Some("x"));
        let items = read.get("dependencies").unwrap().items();
        assert_eq!((items[0].text(), items[0].line), (Some("python=3.10"), 3));
        let pip = items[1].get("pip").unwrap().items();
        assert_eq!((pip[0].text(), pip[0].line), (Some("rich>=13"), 5));
    }

    #[test]
    fn no_scalar_has_a_type() {
        let read = yaml("{a: 3.10, b: yes, c: , d: null}").unwrap();
        let texts: Vec<_> = read.entries().iter().map(|(_, node)| node.text().unwrap()).collect();
        assert_eq!(texts, ["3.10", "yes", "", "null"]);
    }

    #[test]
    fn size_nesting_and_aliases_are_limited() {
        let why = |text: &str| yaml(text).unwrap_err().message;
        assert!(why(&"x".repeat(LARGEST + 1)).contains("bytes"));
        assert!(why(&"[".repeat(200)).contains("nested"));
        assert!(why(&"- ".repeat(200)).contains("nested"));
        assert!(why(&"[x,".repeat(20)).len() > 3);
        assert!(why(&format!("[{}]", "x,".repeat(MOST))).contains("values"));
        assert_eq!(why("a: &a [x]\nb: *a\n"), "aliases are not read");
        assert_eq!(yaml("a: [x\nb: *a\n").unwrap_err().line, 2);
        assert_eq!(yaml("").unwrap().text(), Some(""));
    }
}
