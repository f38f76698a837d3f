//! The errors of a lock file.

use std::path::PathBuf;

use super::{FORMAT, Foreign, LockMisfit, Stale};
use crate::error::{Exit, Report, Snippet, shown};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// `--locked` or `--frozen`, and there is none.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// `--locked`, and it does not answer the manifest.
    #[error("`{}` does not answer the manifest any more", path.display())]
    Stale {
        path: PathBuf,
        /// All.
        reasons: Vec<Stale>,
    },
    /// A later envctl wrote it.
    #[error("`{}` has version {version}, and this envctl knows versions up to {FORMAT}", path.display())]
    TooNew {
        path: PathBuf,
        /// What it says.
        version: i64,
    },
    /// A later envctl wrote something into it that has to be known.
    #[error("`{}` has `{}`, which this envctl does not know", path.display(), shown(key))]
    UnknownKey {
        /// The lock's file.
        path: PathBuf,
        /// The name of the table or of the key in one.
        key: String,
        /// Its place.
        at: Box<Snippet>,
    },
    /// It is no lock.
    #[error("`{}` is not a lock: {reason}", path.display())]
    Damaged {
        path: PathBuf,
        /// What was found and what is allowed.
        reason: String,
        at: Box<Snippet>,
    },
    /// It names what nobody gave.
    #[error("`{}` has `{}` as `{}`: {}", path.display(), shown(&foreign.value), foreign.key, foreign.giver)]
    Untrusted { path: PathBuf, foreign: Foreign, at: Box<Snippet> },
    /// Its frameworks or packages are not what is asked for.
    #[error("`{}` {misfit}", path.display())]
    Unasked { path: PathBuf, misfit: LockMisfit, at: Box<Snippet> },
    /// `--upgrade NAME`, and nothing is called that.
    #[error("there is no `{name}` in `{}` to upgrade", path.display())]
    NoSuchPackage {
        /// Which lock.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        near: Option<String>,
    },
}

impl Report for LockError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "no-lock",
            Self::Stale { .. } => "lock-stale",
            Self::TooNew { .. } | Self::UnknownKey { .. } => "lock-too-new",
            Self::Damaged { .. } => "lock-damaged",
            Self::Untrusted { .. } | Self::Unasked { .. } => "lock-untrusted",
            Self::NoSuchPackage { .. } => "no-such-package",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Missing { .. } | Self::Stale { .. } => Exit::LockStale,
            Self::TooNew { .. }
            | Self::UnknownKey { .. }
            | Self::Damaged { .. }
            | Self::Untrusted { .. }
            | Self::Unasked { .. }
            | Self::NoSuchPackage { .. } => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing { .. } => vec!["`envctl lock` writes it".to_owned()],
            Self::Stale { .. } => vec!["`envctl lock` brings it up to date".to_owned()],
            Self::TooNew { .. } | Self::UnknownKey { .. } => vec!["use the envctl that wrote it, or a newer one".to_owned()],
            Self::Damaged { path, .. } => {
                vec![format!("restore `{}` from version control, or remove it and run `envctl lock`", path.display())]
            }
            Self::Untrusted { .. } => vec![
                "`envctl lock --upgrade` resolves again, with what is known here".to_owned(),
                "if newer data gives it: `envctl matrix update` renews the data, and `[matrix] overlays` adds a site's own rows"
                    .to_owned(),
                "`--allow lock-sources` uses the lock as it is".to_owned(),
            ],
            Self::Unasked { .. } => vec![
                "`envctl lock --upgrade` resolves again".to_owned(),
                "`--allow lock-sources` uses the lock as it is".to_owned(),
            ],
            Self::NoSuchPackage { near: Some(near), .. } => vec![format!("did you mean `{near}`?")],
            Self::NoSuchPackage { near: None, .. } => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::UnknownKey { at, .. }
            | Self::Damaged { at, .. }
            | Self::Untrusted { at, .. }
            | Self::Unasked { at, .. } => vec![Snippet::clone(at)],
            _ => Vec::new(),
        }
    }
}
