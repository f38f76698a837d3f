//! The lines of a text, so that the line of each of many places is found without reading the text again.

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// The offset of each line break.
    ends: Vec<usize>,
}

impl LineIndex {
    /// Finds the lines of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { ends: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The line at an offset, from 1.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_offset_has_its_line() {
        let lines = LineIndex::new("a\n\nb");
        assert_eq!([0, 1, 2, 3, 4, 9].map(|at| lines.line(at)), [1, 1, 2, 3, 3, 3]);
        assert_eq!(LineIndex::new("").line(0), 1);
    }
}
