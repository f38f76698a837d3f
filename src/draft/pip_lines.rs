//! The lines of a requirements file that a draft looks at. The file itself stays what is installed.
//!
//! A draft that copied the lines would become wrong with the first edit of the file.

use crate::foreign::Lined;

/// The parts of a requirements file.
#[derive(Debug, Default)]
pub(super) struct PipLines {
    /// Requirements, without comments and options.
    pub(super) requirements: Vec<Lined<String>>,
    /// The files that it includes.
    pub(super) includes: Vec<String>,
    /// Addresses of indexes and of pages of links.
    pub(super) indexes: Vec<Lined<String>>,
}

/// The most indexes that are looked at.
const MOST_INDEXES: usize = 100;

/// The most lines that are looked at.
const MOST: usize = 10_000;

impl PipLines {
    pub(super) fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut joined = String::new();
        let mut begin = 0;
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate().take(MOST) {
            if joined.is_empty() {
                begin = at + 1;
            }
            let line = line.trim_end();
            let (part, continues) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
            joined.push_str(part);
            joined.push(' ');
            if continues {
                continue;
            }
            found.add(&std::mem::take(&mut joined), begin);
        }
        found.add(&joined, begin);
        found
    }

    fn add(&mut self, line: &str, number: usize) {
        let line = line.trim();
        let line = if line.starts_with('#') { "" } else { line.split(" #").next().unwrap_or_default().trim() };
        if line.is_empty() {
            return;
        }
        let (option, value) = line.split_once([' ', '=']).unwrap_or((line, ""));
        let value = value.trim();
        match option {
            "-r" | "--requirement" => self.includes.push(value.to_owned()),
            "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" => {
                if self.indexes.len() < MOST_INDEXES {
                    self.indexes.push(Lined { value: value.to_owned(), line: number });
                }
            }
            _ if line.starts_with('-') => {}
            _ => {
                let text = line.split(" --").next().unwrap_or(line).trim();
                self.requirements.push(Lined { value: text.to_owned(), line: number });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_includes_and_indexes() {
        let text = "# head\n--extra-index-url https://x.example/cu118\ntorch==2.0 \\\n  --hash=sha256:ab\nrich # why\n-r more.txt\n-e .\n";
        let found = PipLines::read(text);
        let lines: Vec<_> = found.requirements.iter().map(|line| (line.value.as_str(), line.line)).collect();
        assert_eq!(lines, [("torch==2.0", 3), ("rich", 5)]);
        assert_eq!(found.includes, ["more.txt"]);
        assert_eq!(found.indexes[0].value, "https://x.example/cu118");
    }
}
