//! `envctl.lock`: the decision and every package with its hashes, so that another machine builds the same environment.
//!
//! The format has a version. The text is byte-stable and gives small diffs: only decisions, one table per package,
//! sorted. The lock does not repeat what the compatibility data says about a decision. [`ensure`] returns a lock: it
//! uses the existing file while that file still answers the question, and gives the reason when it does not.

use std::collections::BTreeMap;

use serde::Serialize;

pub use crate::packages::{LockedPackage, SourceBuild};
use crate::resolve::Decision;

mod ensure;
mod error;
mod file;
mod inputs;
mod misfit;
mod packages_search;
mod packages_ways;
mod question;
mod refused;
mod releases;
mod shape;
mod shape_build;
mod shape_v1;
mod shape_value;
mod source_builds;
mod stale;
mod system_packages;
mod target;
mod text;
mod trust;
mod usage;
mod written;

pub use ensure::{Ensured, Written, ensure};
pub use error::LockError;
pub use file::LockFile;
pub use inputs::{Input, inputs};
pub use misfit::{LockMisfit, MisfitKind};
pub use question::{OldFormat, Question};
pub use refused::{PackagesRefused, PackagesWayOut};
pub use shape::FORMAT;
pub use stale::{Change, Stale, staleness};
pub use target::{LockedTarget, TargetOrigin};
pub use text::to_text;
pub use trust::{Foreign, Grounds, ProjectGrounds};
pub use usage::{LockUse, Upgrade};
pub use written::{LockSources, WrittenLock, parse};

/// The content of a lock, independent of the format version. It comes from a resolution, or from a [`WrittenLock`]
/// after a check of every name in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// All requests by the manifest's keys: `python.version` → `3.11`. Requirements files appear as hashes.
    pub inputs: BTreeMap<String, Input>,
    /// The machines for which it was resolved. They are information for people.
    pub target: LockedTarget,
    /// The decision of the resolver.
    pub decision: Decision,
    /// The base image's digest, if a registry serves the image.
    pub base_digest: Option<String>,
    /// The complete Python closure, sorted by name.
    pub packages: Vec<LockedPackage>,
    /// How the packages without a wheel are built. Each is in one of them.
    pub builds: Vec<SourceBuild>,
    /// The distribution's packages that those are known to need, sorted by name.
    pub system_packages: Vec<LockedSystemPackage>,
}

/// A package of the distribution that Python packages need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockedSystemPackage {
    pub name: String,
    /// The Python packages that need it.
    pub via: Vec<String>,
}

#[cfg(test)]
pub(crate) mod tests;
