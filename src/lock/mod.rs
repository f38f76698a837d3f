//! `envctl.lock`: what was decided and every package with its hashes, so that another machine builds the same.
//!
//! The format carries a version. The text is byte-stable and made to be read in a diff: one package a table, sorted.
//! [`ensure`] is the way to one: it uses what is there while that still answers the question, and says why when it does not.

use std::collections::BTreeMap;

use serde::Serialize;

pub use crate::packages::LockedPackage;
use crate::resolve::Resolution;

mod ensure;
mod error;
mod file;
mod inputs;
mod misfit;
mod shape;
mod stale;
mod target;
mod text;
mod trust;
mod written;

pub use ensure::{Ensured, Question, Written, ensure};
pub use error::LockError;
pub use file::LockFile;
pub use inputs::inputs;
pub use misfit::{Misfit, MisfitKind};
pub use stale::{Change, Stale, staleness};
pub use target::LockedTarget;
pub use text::{FORMAT, parse, to_text};
pub use trust::{Foreign, Grounds, ProjectGrounds};
pub use written::{LockSources, WrittenLock};

/// A lock, version 1. It is made here, or of a [`WrittenLock`] whose every name is known; nothing else reads one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    /// 1.
    pub version: u32,
    /// The envctl that wrote it.
    pub envctl: String,
    /// The matrix it was resolved against.
    pub matrix: String,
    /// The base image's digest, where a registry serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_digest: Option<String>,
    /// All that was asked, by the manifest's keys: `python.version` → `3.11`; of requirements files, their hashes.
    pub inputs: BTreeMap<String, String>,
    /// For which machines it was resolved, for people.
    pub target: LockedTarget,
    /// What was decided. Its reasons are left out: they speak of the machine that asked.
    pub resolution: Resolution,
    /// The whole Python closure, sorted by name.
    #[serde(rename = "package")]
    pub packages: Vec<LockedPackage>,
}

#[cfg(test)]
pub(crate) mod tests;
