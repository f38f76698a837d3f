//! How wide text for people is, and its colours.

use super::Paint;
use super::plain::plain;
use super::table::wrap;

/// Where the text goes.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// Of the terminal, where there is one.
    pub(super) width: Option<usize>,
    pub(super) paint: Paint,
}

impl Page {
    pub(super) fn hint(self, indent: &str, text: &str) -> String {
        self.item(indent, "hint:", &self.paint.cyan("hint:"), text)
    }

    /// A text behind a mark, wrapped at words. Its later lines begin below the first one's text.
    pub(super) fn item(self, indent: &str, mark: &str, painted: &str, text: &str) -> String {
        let before = format!("{indent}{mark}");
        let lines = wrap(&plain(text), self.room(&before).unwrap_or(usize::MAX));
        let gap = format!("\n{} ", " ".repeat(before.len()));
        format!("{indent}{painted} {}\n", lines.join(&gap))
    }

    /// How many characters a line has behind a mark and a blank.
    pub(super) fn room(self, mark: &str) -> Option<usize> {
        const NARROWEST: usize = 20;
        self.width.map(|width| width.saturating_sub(mark.len() + 1).max(NARROWEST))
    }
}
