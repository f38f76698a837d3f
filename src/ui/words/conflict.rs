//! Explains why nothing fits: one bullet for each reason, with its own facts.
//!
//! The conflict itself is a value of `resolve`.

use super::causes::cause;
use super::changes::way_out;
use super::facts::rows;
use crate::resolve::{Clash, Conflict, ConflictKind};
use crate::ui::Paint;
use crate::ui::page::Page;
use crate::ui::plain::plain;
use crate::ui::table::columns;

/// Describes a conflict in one line: the sentences of its reasons.
#[must_use]
pub fn message(conflict: &Conflict) -> String {
    conflict.clashes.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// Describes one reason in one sentence.
pub(in crate::ui) fn sentence(clash: &Clash) -> String {
    let ceiling = clash.ceiling.as_ref().map(|cuda| {
        format!(
            ". {cuda} is the figure that `nvidia-smi` prints as \"CUDA Version\": the newest CUDA that this driver serves, \
             not one that has to be installed or pinned"
        )
    });
    cause(&clash.cause, &clash.facts) + &ceiling.unwrap_or_default()
}

/// Describes the whole error: the reasons with their facts, then the ways out. `width` is the terminal's; `None`
/// without one.
#[must_use]
pub fn describe(conflict: &Conflict, width: Option<usize>, paint: Paint) -> String {
    let page = Page { width, paint };
    let reasons = match &conflict.clashes[..] {
        [only] => page.item("", "error:", &paint.red("error:"), &sentence(only)) + &page.facts("  ", only),
        several => {
            let title = format!("nothing fits, for {} reasons:", several.len());
            let reasons = several.iter().map(|clash| page.reason(clash)).collect::<String>();
            page.item("", "error:", &paint.red("error:"), &title) + &reasons
        }
    };
    let hints = hints(conflict).into_iter().map(|hint| page.hint("", &hint));
    reasons + &hints.collect::<String>()
}

/// Describes the ways out of the whole conflict.
fn hints(conflict: &Conflict) -> Vec<String> {
    let fewer = "ask for fewer frameworks in one environment, or name the releases of more of them";
    let undecided = (conflict.kind() == ConflictKind::SearchBudget).then(|| fewer.to_owned());
    conflict.ways_out.iter().map(way_out).chain(undecided).collect()
}

impl Page {
    /// Lays out one of several reasons.
    fn reason(self, clash: &Clash) -> String {
        let ways =
            clash.ways_out.iter().map(|way| self.hint("    ", &format!("for this reason alone, {}", way_out(way))));
        self.item("  ", "-", "-", &sentence(clash)) + &self.facts("    ", clash) + &ways.collect::<String>()
    }

    /// Lays out the facts in columns: subject, value, source.
    fn facts(self, indent: &str, clash: &Clash) -> String {
        let mark = format!("{indent}|");
        let cells =
            rows(&clash.facts).into_iter().map(|row| [row.what, row.value, row.source].map(|text| plain(&text)));
        let lines = columns(&cells.collect::<Vec<_>>(), self.room(&mark));
        let mark = self.paint.dim(&mark);
        lines.iter().flat_map(|line| [&mark, " ", line, "\n"]).collect()
    }
}
