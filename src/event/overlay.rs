//! Problems in the rows that are laid over the embedded ones, as values.
//!
//! They are reported because the answer differs without a team's rows.

use serde::Serialize;

/// A source of rows that is not as its configuration means it to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverlayNotice {
    /// The source as it is written, without a password.
    pub source: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub state: OverlayState,
}

/// What can be wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum OverlayState {
    /// Its rows were never fetched here.
    NeverFetched,
    /// What is kept is not what the configuration names.
    OtherDigest,
    /// What is kept can't be read.
    Damaged,
    /// There is no such folder.
    NoFolder,
    /// The rows that `matrix update` keeps can't be read.
    Unreadable,
    /// They were made with another envctl, whose rows may be newer than they are.
    OtherEnvctl,
    /// It was fetched long ago.
    Old {
        /// How long.
        days: u64,
    },
}
