//! The text of envctl's own file in `~/.ssh`: one block for each environment. Pure: text in, text out.
//!
//! A hash seals each block, so that a change by hand is detected. One wrong word in this file makes every `ssh` of
//! the user fail.

use std::collections::BTreeMap;
use std::iter::Peekable;

use sha2::{Digest, Sha256};

use crate::digest::hex;

/// The name of envctl's own file in `~/.ssh`.
pub const FRAGMENT: &str = "envctl_config";

/// The beginning of a block's first line; the environment's ID follows.
const BEGIN: &str = "# begin ";

const HEAD: &str = "# Written by envctl. What is changed here is lost; your own settings belong in ~/.ssh/config.\n";

/// The content of envctl's own file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// Intact blocks, by the environment's ID.
    blocks: BTreeMap<String, String>,
    /// IDs of damaged blocks: changed by hand, cut short, or of an older format.
    pub broken: Vec<String>,
    /// Whether the file contains lines that envctl did not write.
    pub foreign: bool,
}

impl Fragment {
    /// Separates the text that envctl wrote from other text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let mut lines = text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            if let Some(id) = line.trim_end().strip_prefix(BEGIN) {
                found.take_block(id, &mut lines);
            } else {
                found.foreign |= !line.trim().is_empty() && line != HEAD;
            }
        }
        found
    }

    /// Returns the file's text with these blocks.
    #[must_use]
    pub fn text(&self) -> String {
        let blocks = self.blocks.iter().map(|(id, block)| format!("\n{BEGIN}{id}\n{block}{}\n", end(id, block)));
        std::iter::once(HEAD.to_owned()).chain(blocks).collect()
    }

    /// Adds an environment's block or replaces its old one.
    pub fn put(&mut self, id: &str, block: &str) {
        self.broken.retain(|broken| broken != id);
        self.blocks.insert(id.to_owned(), block.to_owned());
    }

    /// Removes an environment's block.
    pub fn remove(&mut self, id: &str) {
        self.broken.retain(|broken| broken != id);
        self.blocks.remove(id);
    }

    /// Whether another environment's block uses a name.
    #[must_use]
    pub fn has_name(&self, name: &str, but: &str) -> bool {
        let others = self.blocks.iter().filter(|(id, _)| *id != but);
        let mut hosts = others.filter_map(|(_, block)| block.lines().next()?.strip_prefix("Host "));
        hosts.any(|names| names.split(' ').any(|taken| taken == name))
    }

    /// Reads up to the block's last line, or up to the beginning of the next block.
    fn take_block<'a>(&mut self, id: &str, lines: &mut Peekable<impl Iterator<Item = &'a str>>) {
        let mut block = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with(BEGIN)) {
            if line.trim_end() == end(id, &block) {
                self.put(id, &block);
                return;
            }
            if line.trim_end() == unsealed_end(id) {
                self.broken.push(id.to_owned());
                return;
            }
            block.push_str(line);
        }
        self.foreign = true;
        self.broken.push(id.to_owned());
    }
}

/// The line after a block in the format before blocks had a hash.
fn unsealed_end(id: &str) -> String {
    format!("# end {id}")
}

/// The line after a block.
fn end(id: &str, block: &str) -> String {
    format!("{} {}", unsealed_end(id), hex(&Sha256::digest(block)[..4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Fragment {
        let mut fragment = Fragment::parse("");
        fragment.put("b-2", "Host b-2 b\n");
        fragment.put("a-1", "Host a-1\n");
        fragment
    }

    #[test]
    fn blocks_come_and_go() {
        insta::assert_snapshot!(two().text(), @r"
        # Written by envctl. What is changed here is lost; your own settings belong in ~/.ssh/config.

        # begin a-1
        Host a-1
        # end a-1 b495e4bc

        # begin b-2
        Host b-2 b
        # end b-2 33bff3b2
        ");
        assert_eq!(Fragment::parse(&two().text()), two());
        let mut less = two();
        less.remove("a-1");
        less.remove("b-2");
        assert_eq!(less.text(), HEAD);
    }

    #[test]
    fn a_name_of_another_environment_is_seen() {
        assert!(two().has_name("b", "a-1") && two().has_name("b-2", "a-1"));
        assert!(!two().has_name("b", "b-2") && !two().has_name("c", "a-1"));
    }

    #[test]
    fn what_was_changed_by_hand_is_told_from_what_was_written() {
        let text = two().text();
        for (junk, broken) in [
            (format!("{text}\u{0}junk {{\n"), vec![]),
            (format!("User evil\n{text}"), vec![]),
            (text.replace("Host a-1\n", "Host a-1\n  Port abc\n"), vec!["a-1".to_owned()]),
            (text.replace("# end a-1", "# end of a-1"), vec!["a-1".to_owned()]),
            (text[..text.find("# end b-2").unwrap()].to_owned(), vec!["b-2".to_owned()]),
        ] {
            let found = Fragment::parse(&junk);
            assert_eq!(found.broken, broken, "{junk}");
            assert_ne!(found.text(), junk);
            assert!(found.foreign, "{junk}");
        }
    }

    #[test]
    fn a_file_of_an_older_envctl_is_not_foreign() {
        let old = format!("{HEAD}\n# begin a-1\nHost a-1\n# end a-1\n");
        let found = Fragment::parse(&old);
        assert_eq!((found.broken.as_slice(), found.foreign), (["a-1".to_owned()].as_slice(), false));
    }
}
