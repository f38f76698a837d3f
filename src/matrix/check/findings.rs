//! Collects the findings during a check of the rows.
//!
//! It also has the checks that apply to every kind of row, such as the order, the source and the day.

use super::{RowFinding, RowProblem};
use crate::matrix::keys::Keyed;

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) all: Vec<RowFinding>,
}

impl Findings {
    pub(super) fn add(&mut self, file: &str, row: &impl ToString, problem: RowProblem) {
        self.all.push(RowFinding { file: file.to_owned(), row: row.to_string(), problem });
    }

    /// Checks the source and the day of a row.
    pub(super) fn provenance(&mut self, file: &str, row: &impl ToString, source: &str, checked: &str) {
        if source.trim().is_empty() {
            self.add(file, row, RowProblem::Missing { what: "source" });
        }
        self.day(file, row, "checked", checked);
    }

    pub(super) fn day(&mut self, file: &str, row: &impl ToString, what: &'static str, value: &str) {
        if !is_day(value) {
            self.add(file, row, RowProblem::NotADay { what, value: value.to_owned() });
        }
    }

    /// Checks that the rows are in the order of their keys, without duplicates.
    pub(super) fn order<T: Keyed>(&mut self, file: &str, rows: &[T], name: impl Fn(&T) -> String) {
        for pair in rows.windows(2) {
            if pair[0].key() >= pair[1].key() {
                self.add(file, &name(&pair[1]), RowProblem::Order { before: name(&pair[0]) });
            }
        }
    }
}

/// Whether `text` is a day of the calendar, in the form `YYYY-MM-DD`.
pub(super) fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part =
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        part.parse::<u32>().ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day) && text.len() == "2026-11-21".len()
}
