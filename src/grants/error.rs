//! Consent that is missing.

use super::{Grant, GrantKind, Phase};
use crate::error::{Exit, Report, Snippet};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The manifest asks for what nobody agreed to.
    #[error("the manifest asks for {}, which nobody agreed to", grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NotGranted {
        /// What.
        grants: Vec<Grant>,
        /// The phase that needs it.
        phase: Phase,
        /// Where.
        at: Vec<Snippet>,
    },
    /// `--allow` takes no such name.
    #[error("there is no grant `{name}`")]
    NoSuchGrant {
        /// What was given.
        name: String,
    },
}

impl Report for GrantError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NotGranted { .. } => "not-granted",
            Self::NoSuchGrant { .. } => "no-such-grant",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotGranted { grants, phase, .. } => {
                let mut names: Vec<_> = grants.iter().map(|grant| grant.kind.name()).collect();
                names.sort_unstable();
                names.dedup();
                let options: Vec<_> = names.into_iter().map(|name| format!("--allow {name}")).collect();
                let verb = if *phase == Phase::Resolve { "lock" } else { "up" };
                vec![format!("`envctl {verb} {}` agrees to it, for this environment", options.join(" "))]
            }
            Self::NoSuchGrant { .. } => {
                vec![format!("the grants are {}", GrantKind::ALL.map(GrantKind::name).join(", "))]
            }
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::NotGranted { at, .. } => at.clone(),
            Self::NoSuchGrant { .. } => Vec::new(),
        }
    }
}
