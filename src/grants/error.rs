//! Errors of consent: grants that nobody agreed to, and values of `--allow` that match no grant.
//!
//! The hints name the options that give consent.

use super::{Grant, GrantKind};
use crate::error::{Exit, Report, Snippet};

/// A failure of the user's consent.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Nobody agreed to a grant that the manifest needs.
    #[error("the manifest asks for what nobody agreed to")]
    NotGranted {
        grants: Vec<Grant>,
        /// The command that needs them.
        verb: &'static str,
        at: Vec<Snippet>,
    },
    /// A value of `--allow` matches no grant: a typing error, or a line that was removed.
    #[error("`--allow {given}` agrees to nothing that the manifest asks for")]
    NothingAllowed {
        /// The given value.
        given: String,
        /// The needed grants with the same name.
        grants: Vec<Grant>,
    },
    /// `--allow` does not know this name.
    #[error("there is no grant `{name}`")]
    NoSuchGrant {
        /// The given name.
        name: String,
    },
}

impl Report for GrantError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NotGranted { .. } => "not-granted",
            Self::NothingAllowed { .. } => "grant-not-asked",
            Self::NoSuchGrant { .. } => "no-such-grant",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotGranted { grants, verb, .. } => {
                let mut names: Vec<_> = grants.iter().map(Grant::name).collect();
                names.sort_unstable();
                names.dedup();
                let options: Vec<_> = names.into_iter().map(|name| format!("--allow {name}")).collect();
                let options = options.join(" ");
                let answer = match *verb {
                    "plan" => format!("`envctl plan {options}` shows the plan, `envctl up {options}` agrees"),
                    "render" => format!("`envctl render {options}` agrees to it, this once"),
                    verb => format!("`envctl {verb} {options}` agrees to it, for this environment"),
                };
                vec![answer]
            }
            Self::NothingAllowed { given, grants } if grants.is_empty() => {
                vec![format!("leave `--allow {given}` out")]
            }
            Self::NothingAllowed { grants, .. } => {
                let mut options: Vec<_> = grants.iter().map(|grant| format!("`--allow {}`", grant.option())).collect();
                options.dedup();
                let asked = format!("asked for is {}", options.join(", "));
                let overlay = grants.iter().find_map(|grant| grant.overlay.as_ref());
                let whole = overlay.map(|(name, _)| format!("what `{name}` asks for is agreed to as a whole"));
                std::iter::once(asked).chain(whole).collect()
            }
            Self::NoSuchGrant { .. } => {
                vec![format!("the grants are {}", GrantKind::ALL.map(GrantKind::name).join(", "))]
            }
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::NotGranted { at, .. } => at.clone(),
            Self::NothingAllowed { .. } | Self::NoSuchGrant { .. } => Vec::new(),
        }
    }
}
