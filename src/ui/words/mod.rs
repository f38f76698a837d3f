//! Describes the values of other rooms: one file for each kind of value.
//!
//! The one sentence of an error and its hints are beside its enum; every other sentence is here.

mod build_steps;
mod causes;
mod changes;
mod conflict;
mod diagnoses;
mod drafts;
mod errors;
mod facts;
mod grants;
mod lock_results;
mod misfits;
mod notes;
mod notices;
mod pieces;
mod proofs;
mod questions;
mod reasons;
mod results;
mod setup_steps;
mod source_lacks;
mod stages;
mod staleness;
mod tries;

#[cfg(test)]
mod tests;

pub(super) use build_steps::{shorten, step_place, step_words};
pub(super) use changes::way_out;
pub(super) use conflict::sentence;
pub use conflict::{describe, message};
pub(super) use diagnoses::DiagnosisWords;
pub(super) use drafts::left_reason;
pub(super) use errors::ErrorWords;
pub(super) use facts::{FactRow, rows};
pub(super) use grants::item as grant;
pub use lock_results::lock_result;
pub(super) use misfits::misfit;
pub(super) use notes::note;
pub(super) use notices::notice;
pub(super) use pieces::span;
pub(super) use proofs::{framework_outlook, import_words, proof_gaps};
pub use questions::{
    AGREE_QUESTION, END_QUESTION, GPU_QUESTION, framework_question, lose_home_question, name_question,
};
pub(super) use reasons::{ReasonWords, reason};
pub use results::{
    NO_OVERLAY_SOURCE, NOTHING_TO_SET_UP, ROWS_KEPT, WOULD_END, after_draft, brought_up_example, manifest_changed,
    manifest_written, rows_checked,
};
pub(super) use setup_steps::step_reason;
pub(super) use source_lacks::{source_lack, unbuildable};
pub(super) use stages::{doing, done, stage_subject, transfer_action};
pub use staleness::stale;
pub(super) use tries::packages_way_out;
pub use tries::{packages_not_looked_at, packages_resolved};
