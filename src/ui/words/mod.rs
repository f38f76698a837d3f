//! The words for what the resolver says in values: one file for each kind of value.

mod causes;
mod changes;
mod conflict;
mod errors;
mod facts;
mod misfits;
mod notes;
mod notices;
mod pieces;
mod reasons;
mod unbuildable;

#[cfg(test)]
mod tests;

pub(super) use changes::way_out;
pub(super) use conflict::sentence;
pub use conflict::{describe, message};
pub(super) use errors::ErrorWords;
pub(super) use facts::{FactRow, rows};
pub(super) use misfits::misfit;
pub(super) use notes::note;
pub(super) use notices::notice;
pub(super) use pieces::span;
pub(super) use reasons::{ReasonWords, reason};
pub(super) use unbuildable::{source_lack, unbuildable};
