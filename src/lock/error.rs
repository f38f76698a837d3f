//! The errors of a lock file.
//!
//! Each error that comes from the file's content names its place in the file.

use std::path::PathBuf;

use super::{FORMAT, Foreign, LockMisfit, Stale};
use crate::error::{Exit, Report, Snippet};
use crate::text::shown;

/// The reason why a lock cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// `--locked` or `--frozen` was given, and no lock exists.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// The expected path.
        path: PathBuf,
    },
    /// `--locked` was given, and the lock does not answer the manifest.
    #[error("`{}` does not answer the manifest any more", path.display())]
    Stale {
        path: PathBuf,
        /// Every reason.
        reasons: Vec<Stale>,
    },
    /// A later envctl wrote the lock.
    #[error("`{}` has version {version}, and this envctl knows versions up to {FORMAT}", path.display())]
    TooNew {
        path: PathBuf,
        /// The format version in the file.
        version: i64,
    },
    /// A later envctl wrote a key that this version must know.
    #[error("`{}` has `{}`, which this envctl does not know", path.display(), shown(key))]
    UnknownKey {
        /// The lock's file.
        path: PathBuf,
        /// The name of the table, or of a key in a table.
        key: String,
        /// The place in the file.
        at: Box<Snippet>,
    },
    /// The text is not a valid lock.
    #[error("`{}` is not a lock: {reason}", path.display())]
    Damaged {
        path: PathBuf,
        /// The value found and the allowed form.
        reason: String,
        at: Box<Snippet>,
    },
    /// The lock names a value that has no known source.
    #[error("`{}` has `{}` as `{}`: {}", path.display(), shown(&foreign.value), foreign.key, foreign.giver)]
    Untrusted { path: PathBuf, foreign: Foreign, at: Box<Snippet> },
    /// The frameworks or packages are not those that the project asks for.
    #[error("`{}` {misfit}", path.display())]
    Unasked { path: PathBuf, misfit: LockMisfit, at: Box<Snippet> },
    /// The code of packages ran to make the lock, and the user did not agree that it runs.
    #[error("`{}` builds `{}` from source, whose own code says what it needs", path.display(), packages.join("`, `"))]
    BuildsNotAgreed {
        path: PathBuf,
        /// The packages that are built.
        packages: Vec<String>,
    },
    /// `--upgrade NAME` was given, and no package or framework has this name.
    #[error("there is no `{name}` in `{}` to upgrade", path.display())]
    NoSuchPackage {
        path: PathBuf,
        /// The requested name.
        name: String,
        /// The most similar name.
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
            Self::BuildsNotAgreed { .. } => "not-granted",
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
            | Self::BuildsNotAgreed { .. }
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
                "`envctl lock --upgrade` resolves again, with this machine's compatibility data".to_owned(),
                "if newer data gives it: `envctl matrix update` renews the data, and `[matrix] overlays` adds an organisation's own rows"
                    .to_owned(),
                "`--allow lock-sources` uses the lock as it is".to_owned(),
            ],
            Self::Unasked { .. } => vec![
                "`envctl lock --upgrade` resolves again".to_owned(),
                "`--allow lock-sources` uses the lock as it is".to_owned(),
            ],
            Self::BuildsNotAgreed { .. } => vec![
                "`--allow package-builds` agrees that their code runs in containers of its own".to_owned(),
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
