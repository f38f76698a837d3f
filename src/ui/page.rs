//! The width and the colours of text for people.
//!
//! Text without a terminal has no width and is not wrapped.

use unicode_width::UnicodeWidthStr;

use super::Paint;
use super::plain::plain;
use super::table::wrap;
use crate::error::redacted;

/// Where the text goes.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// Of the terminal, where there is one.
    pub(super) width: Option<usize>,
    pub(super) paint: Paint,
}

/// One thing of a list: its name, which is not broken, and what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListItem {
    pub(super) head: String,
    pub(super) text: String,
}

impl ListItem {
    /// Both with passwords hidden.
    pub(super) fn redacted(&self) -> Self {
        Self { head: redacted(&self.head), text: redacted(&self.text) }
    }

    /// In one line.
    pub(super) fn line(&self) -> String {
        format!("{}  {}", self.head, self.text)
    }
}

impl Page {
    /// One thing of a list: a line, or, where that is too long, its name and what there is to say in lines below it.
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
