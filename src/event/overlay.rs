//! Problems in the rows that are laid over the embedded ones, as values.
//!
//! They are reported because the answer differs without a team's rows.

use serde::Serialize;

/// A source of rows that does not match its configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverlayNotice {
    /// The source as it is written, without a password.
    pub source: String,
    /// The problem with the source.
    #[serde(flatten)]
    pub state: OverlayState,
}

/// The problem with a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum OverlayState {
    /// Its rows were never fetched on this machine.
    NeverFetched,
    /// The stored rows differ from the digest in the configuration.
    OtherDigest,
    /// The stored rows cannot be read.
    Damaged,
    /// The directory does not exist.
    NoFolder,
    /// The rows that `matrix update` stores cannot be read.
    Unreadable,
    /// Another envctl made the rows, and its own rows may be newer.
    OtherEnvctl,
    /// The rows were fetched long ago.
    Old {
        /// The age in days.
        days: u64,
    },
}
