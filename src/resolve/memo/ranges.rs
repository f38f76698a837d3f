//! Ranges of shared packages by number. Each text is parsed once, and each intersection of two ranges is computed once.

use std::collections::HashMap;

use crate::resolve::shared::{Range, Reach};

/// All ranges so far, with the intersections computed so far.
#[derive(Default)]
pub(in crate::resolve) struct Ranges {
    all: Vec<(Range, Reach)>,
    /// The number of a range by its text. A range has its original text, and an intersection has its combined text.
    numbers: HashMap<String, usize>,
    both: HashMap<(usize, usize), Option<usize>>,
}

impl Ranges {
    /// The number of a range. A text that is not PEP 440 is ignored, so its range contains every version.
    pub(in crate::resolve) fn read(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let any = Range::default();
        let number = self.number(Range::parse(text).map_or_else(Range::default, |range| range.and(&any)));
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// The lowest and the highest version of a range.
    pub(in crate::resolve) fn reach(&self, number: usize) -> &Reach {
        &self.all[number].1
    }

    /// The number of the intersection of two ranges; none if it is empty.
    pub(in crate::resolve) fn both(&mut self, a: usize, b: usize) -> Option<usize> {
        let pair = (a.min(b), a.max(b));
        if let Some(known) = self.both.get(&pair) {
            return *known;
        }
        let range = self.all[a].0.and(&self.all[b].0);
        let found = range.is_possible().then(|| self.number(range));
        self.both.insert(pair, found);
        found
    }

    fn number(&mut self, range: Range) -> usize {
        let text = range.text();
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.all.len();
        let reach = range.reach();
        self.all.push((range, reach));
        self.numbers.insert(text, number);
        number
    }
}
