//! The resolver's answer: the decisions, whether the result can be built, and the notes on it.

use super::decision::Decision;
use super::notes::Note;
use super::reasons::ChoiceReason;
use super::unbuildable::Unbuildable;
use crate::version::ComputeCapability;

/// A decision, with what can be said of it. `check --json` prints both with the words for whether it can be built, its notes
/// and its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// What was decided: a lock keeps it.
    pub decision: Decision,
    /// The compute capabilities that each framework has code for, in the order of the frameworks; empty where its makers
    /// publish none.
    pub capabilities: Vec<Vec<ComputeCapability>>,
    /// Why today's sources can't build it; none: they can.
    pub unbuildable: Option<Unbuildable>,
    /// What a person should know of it.
    pub notes: Vec<Note>,
    /// Why each thing was chosen.
    pub reasons: Vec<ChoiceReason>,
}
