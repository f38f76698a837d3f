//! The resolver's answer: the decisions, whether the result can be built, and the notes on it.

use super::decision::Decision;
use super::notes::Note;
use super::reasons::ChoiceReason;
use super::unbuildable::Unbuildable;
use crate::version::ComputeCapability;

/// A decision with its explanations. `check --json` prints the decision, whether it can be built, its notes and its
/// reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The decision, which a lock keeps.
    pub decision: Decision,
    /// The compute capabilities with compiled code in each framework, in the order of the frameworks. Empty if its
    /// makers publish none.
    pub capabilities: Vec<Vec<ComputeCapability>>,
    /// The reason why current sources cannot build it; none: they can.
    pub unbuildable: Option<Unbuildable>,
    /// The caveats for the user.
    pub notes: Vec<Note>,
    /// The reason for each choice.
    pub reasons: Vec<ChoiceReason>,
}
