//! Ranges of shared packages by number. Each text is parsed once, and each intersection of two ranges is computed once.

use std::collections::HashMap;

use crate::resolve::shared::{Range, Reach};

/// Every range seen so far, with what came of taking two together.
#[derive(Default)]
pub(in crate::resolve) struct Ranges {
    all: Vec<(Range, Reach)>,
    /// As it was written, and as it is written once two are taken together.
    numbers: HashMap<String, usize>,
    both: HashMap<(usize, usize), Option<usize>>,
}

impl Ranges {
    /// The number of a range. One that is no PEP 440 is left out of account: any version is in it.
    pub(in crate::resolve) fn read(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let any = Range::default();
        let number = self.number(Range::parse(text).map_or_else(Range::default, |range| range.and(&any)));
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// Where the versions lie.
    pub(in crate::resolve) fn reach(&self, number: usize) -> &Reach {
        &self.all[number].1
    }

    /// The number of the range of versions that are in both; none where there is no such version.
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
