//! A table that fits a terminal: the widest columns shrink first and wrap at words.
//!
//! In a pipe (no width) each row is one line, so that `grep` finds whole rows.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Paint;
use super::plain::plain;

/// The smallest width of a column.
const NARROWEST: usize = 8;
/// The gap between columns.
const GAP: &str = "  ";

/// A head and its rows, before the layout.
#[derive(Clone, Debug, Default)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns an empty table.
    #[must_use]
    pub fn new<const N: usize>(head: [&'static str; N]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    /// Adds a row with as many cells as the head.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(self.head.len(), N);
        self.rows.push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    /// Whether the table has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Lays the table out within `width` characters, if given. Empty columns are left out.
    #[must_use]
    pub fn text(&self, width: Option<usize>, paint: Paint) -> String {
        let used = |column: &usize| self.rows.iter().any(|row| !row[*column].is_empty());
        let columns = (0..self.head.len()).filter(used).collect::<Vec<_>>();
        let natural = columns.iter().map(|column| self.natural(*column)).collect();
        let words = columns.iter().map(|column| self.longest_word(*column)).collect::<Vec<_>>();
        let widths = fit(natural, &words, width);
        let heads = columns.iter().zip(&widths).map(|(column, width)| wrap(self.head[*column], *width));
        let head = heads.collect::<Vec<_>>();
        let mut text = lines(&head, &widths).iter().map(|line| paint.bold(line) + "\n").collect::<String>();
        for row in &self.rows {
            let cells = columns.iter().zip(&widths).map(|(column, width)| wrap(&row[*column], *width));
            for line in lines(&cells.collect::<Vec<_>>(), &widths) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text
    }

    fn natural(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].width());
        cells.max().unwrap_or(0).max(self.head[column].width())
    }

    /// Returns the width that a column needs to keep every word whole.
    fn longest_word(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].as_str()).chain([self.head[column]]);
        cells.flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0)
    }
}

/// Shrinks the widest column repeatedly until all fit or none can shrink. Words are cut only if nothing else helps.
fn fit(mut widths: Vec<usize>, words: &[usize], total: Option<usize>) -> Vec<usize> {
    let Some(total) = total else { return widths };
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > total {
        let whole = |(index, width): (usize, &usize)| (*width > words[index].max(NARROWEST)).then_some((*width, index));
        let cut = |(index, width): (usize, &usize)| (*width > NARROWEST).then_some((*width, index));
        let of = widths.iter().enumerate().filter_map(whole).max();
        let Some((_, widest)) = of.or_else(|| widths.iter().enumerate().filter_map(cut).max()) else { break };
        widths[widest] -= 1;
    }
    widths
}

/// Lays out rows without a head in columns.
pub(super) fn columns<const N: usize>(rows: &[[String; N]], width: Option<usize>) -> Vec<String> {
    let cells = |column: usize| rows.iter().map(move |row| row[column].as_str());
    let longest = |texts: &mut dyn Iterator<Item = &str>| texts.map(UnicodeWidthStr::width).max().unwrap_or(0);
    let natural = (0..N).map(|column| longest(&mut cells(column))).collect();
    let words = (0..N).map(|column| longest(&mut cells(column).flat_map(|cell| cell.split(' ')))).collect::<Vec<_>>();
    let widths = fit(natural, &words, width);
    let row = |row: &[String; N]| {
        let wrapped = row.iter().zip(&widths).map(|(cell, width)| wrap(cell, *width)).collect::<Vec<_>>();
        lines(&wrapped, &widths)
    };
    rows.iter().flat_map(row).collect()
}

/// Wraps a cell at spaces; a word wider than the width is cut.
pub(super) fn wrap(cell: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for mut word in cell.split(' ') {
        if used > 0 && used + 1 + word.width() > width {
            lines.push(String::new());
            used = 0;
        }
        while word.width() > width {
            let (head, rest) = word.split_at(fitting(word, width));
            if rest.is_empty() {
                break;
            }
            lines.last_mut().expect("there is a line").push_str(head);
            lines.push(String::new());
            word = rest;
        }
        let line = lines.last_mut().expect("there is a line");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += word.width();
        line.push_str(word);
    }
    lines
}

/// Returns the bytes of a word that fit, at least one character.
fn fitting(word: &str, width: usize) -> usize {
    let past = word.char_indices().skip(1).find(|(at, c)| word[..*at].width() + c.width().unwrap_or(0) > width);
    past.map_or(word.len(), |(at, _)| at)
}

/// Lays out one row with cells of several lines.
fn lines(cells: &[Vec<String>], widths: &[usize]) -> Vec<String> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |index: usize| {
        let parts = cells.iter().zip(widths).map(|(cell, width)| {
            let part = cell.get(index).map_or("", String::as_str);
            format!("{part}{}", " ".repeat(width.saturating_sub(part.width())))
        });
        parts.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["name", "empty", "what it is"]);
        table.row(["A100".into(), String::new(), "a card for data centres".into()]);
        table.row(["RTX 3090".into(), String::new(), "a card for games".into()]);
        table
    }

    #[test]
    fn into_a_pipe_a_row_is_a_line() {
        let text = table().text(None, Paint(false));
        assert_eq!(text, "name      what it is\nA100      a card for data centres\nRTX 3090  a card for games\n");
    }

    #[test]
    fn on_a_terminal_the_widest_column_wraps() {
        let text = table().text(Some(22), Paint(false));
        assert_eq!(
            text,
            "name      what it is\nA100      a card for\n          data centres\nRTX 3090  a card for\n          games\n"
        );
        assert!(text.lines().all(|line| line.width() <= 22));
    }

    #[test]
    fn a_word_that_fits_nowhere_is_cut() {
        assert_eq!(wrap("abcdefghij", 8), ["abcdefgh", "ij"]);
        assert_eq!(wrap("最新の基盤", 5), ["最新", "の基", "盤"], "wide characters take two columns");
        assert_eq!(wrap("最新", 1), ["最", "新"], "a line has at least one character");
    }
}
