//! What is with the rows that were laid over the embedded ones: an answer without a lab's rows is another answer.

use std::fmt;

use serde::Serialize;

/// A source of rows that is not as its configuration means it to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverlayNotice {
    /// The source as it is written, without a password.
    pub source: String,
    /// What is with it.
    #[serde(flatten)]
    pub state: OverlayState,
}

/// What can be with a source.
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

impl fmt::Display for OverlayNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        match &self.state {
            OverlayState::NeverFetched => {
                write!(f, "the matrix rows of `{source}` were never fetched: `envctl matrix fetch` does it")
            }
            OverlayState::OtherDigest => write!(
                f,
                "the kept matrix rows of `{source}` are not those whose digest the configuration names: \
                 `envctl matrix fetch` gets them"
            ),
            OverlayState::Damaged => {
                write!(f, "the kept matrix rows of `{source}` can't be read: `envctl matrix fetch` gets them anew")
            }
            OverlayState::NoFolder => {
                write!(f, "there are no matrix rows in `{source}`, which the configuration names")
            }
            OverlayState::Unreadable => {
                write!(f, "what `{source}` kept can't be read, and does not count: run it again")
            }
            OverlayState::OtherEnvctl => {
                write!(f, "what `{source}` kept was made with another envctl, and does not count: run it again")
            }
            OverlayState::Old { days } => {
                write!(
                    f,
                    "the matrix rows of `{source}` were fetched {days} days ago: `envctl matrix fetch` renews them"
                )
            }
        }
    }
}
