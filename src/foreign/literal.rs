//! Reads literals out of Python code without running it: texts, lists, tuples and maps of them.
//!
//! Each name is looked up once, however often it is written, so a text costs as much as it is long.
//!
//! The scan skips strings and comments, so a word inside one does not count as a name. Whatever is computed is not a literal.

use std::collections::{BTreeMap, BTreeSet};

use crate::parser::LineIndex;

/// A literal and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String, usize),
    List(Vec<Literal>),
    Map(Vec<(String, Literal)>),
    /// A name, which can be one of a literal elsewhere.
    Name(String),
}

/// The largest code, bytes.
pub(super) const LARGEST: usize = 1024 * 1024;

/// How deep literals may be nested.
const DEEPEST: usize = 8;

/// Code with the places where names get values.
pub(super) struct PythonCode<'t> {
    text: &'t str,
    lines: LineIndex,
    /// The offsets of the values of each name: `name = …`, also as an argument of a call.
    assigned: BTreeMap<&'t str, Vec<usize>>,
}

impl<'t> PythonCode<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut assigned: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (name, at) in assignments(text) {
            assigned.entry(name).or_default().push(at);
        }
        Self { text, lines: LineIndex::new(text), assigned }
    }

    /// The line of a name's first value, from 1.
    pub(super) fn line_of(&self, name: &str) -> Option<usize> {
        Some(self.lines.line(*self.assigned.get(name)?.first()?))
    }

    /// The first value of a name that is a literal, also through one other name. `None`: there is none.
    pub(super) fn literal(&self, name: &str) -> Option<Literal> {
        let mut seen = BTreeSet::from([name.to_owned()]);
        self.values(name).find_map(|value| match value {
            Literal::Name(other) if seen.insert(other.clone()) => {
                self.values(&other).find(|value| !matches!(value, Literal::Name(_)))
            }
            Literal::Name(_) => None,
            literal => Some(literal),
        })
    }

    fn values(&self, name: &str) -> impl Iterator<Item = Literal> {
        let places = self.assigned.get(name).into_iter().flatten();
        places.filter_map(|at| {
            let mut reader = LiteralReader { text: self.text, lines: &self.lines, at: *at };
            let literal = reader.literal(0)?;
            // What follows a literal ends it: `[…] + more` is computed.
            reader.skip_blank();
            let rest = &self.text[reader.at..];
            let is_end = rest.is_empty() || rest.starts_with([',', ')', '\n', '\r', ';', '#', ']', '}']);
            let next_line = self.text[..reader.at].ends_with(['\n', '\r']);
            (is_end || next_line).then_some(literal)
        })
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Finds `name =` outside strings and comments.
fn assignments(text: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if character == '#' {
            at += text[at..].find('\n').unwrap_or(text.len() - at);
        } else if character == '\'' || character == '"' {
            at = string_end(text, at).map_or(text.len(), |(_, end)| end);
        } else if is_name(character) {
            let end = at + text[at..].find(|c| !is_name(c)).unwrap_or(text.len() - at);
            let name = &text[at..end];
            let after = text[end..].trim_start_matches([' ', '\t']);
            if after.starts_with('=') && !after.starts_with("==") {
                found.push((name, text.len() - after.len() + 1));
            }
            at = end;
        } else {
            at += character.len_utf8();
        }
    }
    found
}

/// The content of a string that begins with a quote, and the offset of its end.
fn string_end(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = &text[at..];
    let quote = &rest[..1];
    let triple = quote.repeat(3);
    let (quote, is_long) = if rest.starts_with(&triple) { (triple.as_str(), true) } else { (quote, false) };
    let start = at + quote.len();
    let mut from = start;
    loop {
        let character = text[from..].chars().next()?;
        if text[from..].starts_with(quote) {
            return Some((&text[start..from], from + quote.len()));
        }
        match character {
            '\n' if !is_long => return None,
            '\\' => from += 1 + text[from + 1..].chars().next()?.len_utf8(),
            other => from += other.len_utf8(),
        }
    }
}

struct LiteralReader<'t> {
    text: &'t str,
    lines: &'t LineIndex,
    at: usize,
}

impl LiteralReader<'_> {
    fn skip_blank(&mut self) {
        self.at += self.text[self.at..].len() - self.text[self.at..].trim_start_matches([' ', '\t']).len();
    }

    /// Skips blanks, line breaks and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn literal(&mut self, depth: usize) -> Option<Literal> {
        if depth > DEEPEST {
            return None;
        }
        if depth == 0 {
            self.skip_blank();
        } else {
            self.skip();
        }
        match self.next()? {
            '[' => self.items(']', depth),
            '(' => self.items(')', depth),
            '{' => self.map(depth),
            '\'' | '"' => self.string(depth),
            c if is_name(c) && !c.is_ascii_digit() => {
                let end = self.at + self.text[self.at..].find(|c| !is_name(c)).unwrap_or(self.text.len() - self.at);
                let name = &self.text[self.at..end];
                let is_prefix = ["r", "u", "R", "U"].contains(&name) && self.text[end..].starts_with(['\'', '"']);
                self.at = end;
                if is_prefix { self.string(depth) } else { Some(Literal::Name(name.to_owned())) }
            }
            _ => None,
        }
    }

    /// One string, or several that stand side by side.
    fn string(&mut self, depth: usize) -> Option<Literal> {
        let line = self.lines.line(self.at);
        let mut joined = String::new();
        loop {
            let (content, end) = string_end(self.text, self.at)?;
            joined.push_str(content);
            self.at = end;
            let kept = self.at;
            if depth > 0 {
                self.skip();
            } else {
                self.skip_blank();
            }
            if !matches!(self.next(), Some('\'' | '"')) {
                self.at = kept;
                return Some(Literal::Text(joined, line));
            }
        }
    }

    fn items(&mut self, close: char, depth: usize) -> Option<Literal> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.next()? == close {
                self.at += 1;
                return Some(Literal::List(items));
            }
            items.push(self.literal(depth + 1)?);
            self.skip();
            match self.next()? {
                ',' => self.at += 1,
                c if c == close => {}
                _ => return None,
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Literal> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.skip();
            if self.next()? == '}' {
                self.at += 1;
                return Some(Literal::Map(entries));
            }
            let Literal::Text(key, _) = self.literal(depth + 1)? else { return None };
            self.skip();
            if self.next()? != ':' {
                return None;
            }
            self.at += 1;
            entries.push((key, self.literal(depth + 1)?));
            self.skip();
            match self.next()? {
                ',' => self.at += 1,
                '}' => {}
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(code: &str, name: &str) -> Option<Literal> {
        PythonCode::new(code).literal(name)
    }

    #[test]
    fn lists_of_texts_with_comments_and_joined_texts() {
        let code = "setup(\n  x=[  # why\n    'a', \"b\"\n    'c',\n  ],\n)\n";
        let expected = Literal::List(vec![Literal::Text("a".into(), 3), Literal::Text("bc".into(), 3)]);
        assert_eq!(literal(code, "x"), Some(expected));
        assert_eq!(literal("x = ('a',)", "x"), Some(Literal::List(vec![Literal::Text("a".into(), 1)])));
        assert_eq!(literal("x = r'a'\ny = 1", "x"), Some(Literal::Text("a".into(), 1)));
    }

    #[test]
    fn what_is_computed_is_no_literal() {
        for code in
            ["x = ['a'] + more", "x = f('a')", "x = [f'a']", "x = ['a' if y else 'b']", "x = [*y]", "x = ['a'", "x = "]
        {
            assert!(literal(code, "x").is_none_or(|found| matches!(found, Literal::List(ref items) if items.iter().any(|item| matches!(item, Literal::Name(_))))), "{code}");
        }
    }

    #[test]
    fn a_name_leads_to_its_literal() {
        let code = "reqs = ['a']\n# x=['no']\n'''x=['no']'''\nsetup(x=reqs, reqs2=x)\n";
        assert_eq!(literal(code, "x"), Some(Literal::List(vec![Literal::Text("a".into(), 1)])));
        assert_eq!(literal("x = x", "x"), None);
        assert_eq!(literal("if x == ['a']: pass", "x"), None);
    }

    #[test]
    fn broken_code_ends() {
        for code in [
            "x = '",
            "x = '''",
            "x = [[[[[[[[[[[[[[",
            "x = '\\",
            "\u{e9} = \u{e9}",
            "x = {'a': }",
            "x = '\u{e9}\\\u{e9}",
        ] {
            assert!(literal(code, "x").is_none(), "{code}");
        }
    }
}
