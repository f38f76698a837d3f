//! The width and the colours of text for people.
//!
//! Text without a terminal has no width and is not wrapped.

use unicode_width::UnicodeWidthStr;

use super::Paint;
use super::plain::plain;
use super::table::wrap;
use crate::text::redacted;

/// The target of the text.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// The width of the terminal; `None` without one.
    pub(super) width: Option<usize>,
    pub(super) paint: Paint,
}

/// An item of a list: its name, which is never wrapped, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListItem {
    pub(super) head: String,
    pub(super) text: String,
}

impl ListItem {
    /// Returns the item without passwords.
    pub(super) fn redacted(&self) -> Self {
        Self { head: redacted(&self.head), text: redacted(&self.text) }
    }

    /// Returns the item in one line.
    pub(super) fn line(&self) -> String {
        format!("{}  {}", self.head, self.text)
    }
}

impl Page {
    /// Lays out an item in one line. If it is too long, the text follows in lines below the name.
    pub(super) fn list_item(self, mark: &str, item: &ListItem) -> String {
        const INDENT: &str = "    ";
        let line = plain(&item.line());
        let room = self.room(mark).unwrap_or(usize::MAX);
        let mark = self.paint.dim(mark);
        if line.width() <= room {
            return format!("{mark} {line}\n");
        }
        let below = wrap(&plain(&item.text), room.saturating_sub(INDENT.len()));
        let below = below.iter().map(|line| format!("{mark} {INDENT}{line}\n"));
        std::iter::once(format!("{mark} {}\n", plain(&item.head))).chain(below).collect()
    }

    pub(super) fn hint(self, indent: &str, text: &str) -> String {
        self.item(indent, "hint:", &self.paint.cyan("hint:"), text)
    }

    /// Lays out a text after a mark, wrapped at words. Later lines begin below the text of the first one.
    pub(super) fn item(self, indent: &str, mark: &str, painted: &str, text: &str) -> String {
        let before = format!("{indent}{mark}");
        let lines = wrap(&plain(text), self.room(&before).unwrap_or(usize::MAX));
        let gap = format!("\n{} ", " ".repeat(before.len()));
        format!("{indent}{painted} {}\n", lines.join(&gap))
    }

    /// Returns the number of characters in a line after a mark and a blank.
    pub(super) fn room(self, mark: &str) -> Option<usize> {
        const NARROWEST: usize = 20;
        self.width.map(|width| width.saturating_sub(mark.len() + 1).max(NARROWEST))
    }
}
