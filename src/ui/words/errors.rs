//! The words of errors that hold values of which only `ui` can speak. Any other error has its own sentence and hints.

use super::unbuildable::unbuildable;
use crate::error::Report;
use crate::reconcile::ReconcileError;

/// What an error says, in words.
#[derive(Debug)]
pub(in crate::ui) struct ErrorWords {
    /// One sentence without a full stop, its causes not yet added.
    pub(in crate::ui) sentence: String,
    /// Advice, one action each.
    pub(in crate::ui) hints: Vec<String>,
    /// Lines below the sentence, as they are.
    pub(in crate::ui) output: Vec<String>,
}

impl ErrorWords {
    /// The words of this error.
    pub(in crate::ui) fn of(report: &dyn Report) -> Self {
        let own = Self { sentence: report.to_string(), hints: report.hints(), output: report.output() };
        let error: &(dyn std::error::Error + 'static) = report;
        if let Some(ReconcileError::NotBuildable(why)) = error.downcast_ref() {
            let sentence = format!("what fits can't be built any more: {}", unbuildable(why));
            return Self { sentence, ..own };
        }
        own
    }
}
