//! Describes results, progress, errors and hints for people, and prints JSON for scripts.
//!
//! It is the only room that prints; all other rooms pass values.

mod answer;
pub mod card;
pub mod documents;
mod draft;
mod failure;
mod findings;
mod machine;
mod matrix;
mod page;
mod paint;
mod plain;
mod plain_stream;
pub mod plan;
mod printer;
mod progress;
mod proof_report;
mod published;
#[cfg(test)]
pub mod shown_errors;
pub mod snippet;
pub mod status;
mod steps;
mod streams;
mod table;
mod usage;
mod words;

#[cfg(test)]
mod tests;

pub use answer::{Verdict, answer, combinations, noted, reasons, verdicts, why_names};
pub use draft::{draft_document, left_comments};
pub use failure::error_message;
pub use findings::findings;
pub use machine::host;
pub use matrix::{matrix_rows, matrix_subjects};
pub use paint::Paint;
pub use plain_stream::PlainStream;
pub use printer::Printer;
pub use proof_report::{proof_failure, proof_report};
pub use published::{drawn, fetched, updates};
pub use steps::steps;
pub use table::Table;
pub use usage::usage;
pub use words::{
    AGREE_QUESTION, END_QUESTION, GPU_QUESTION, NO_OVERLAY_SOURCE, NOTHING_TO_SET_UP, ROWS_KEPT, WOULD_END,
    after_draft, brought_up_example, describe as conflict_text, framework_question, lock_result, lose_home_question,
    manifest_changed, manifest_written, message as conflict_message, name_question, packages_not_looked_at,
    packages_resolved, rows_checked, stale,
};
