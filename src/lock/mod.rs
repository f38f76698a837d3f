//! `envctl.lock`: what was decided and every package with its hashes, so that another machine builds the same.
//!
//! The format carries a version. The text is byte-stable and made to be read in a diff: one package a table, sorted.

use serde::{Deserialize, Serialize};

pub use crate::packages::LockedPackage;
use crate::resolve::Resolution;

/// A lock, version 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    /// 1.
    pub version: u32,
    /// The envctl that wrote it.
    pub envctl: String,
    /// Hash over all that was asked: the manifest's resolving keys, requirements files, target facts that decided.
    pub inputs: String,
    /// The matrix it was resolved against.
    pub matrix: String,
    /// The base image's digest, where a registry serves it.
    pub base_digest: Option<String>,
    /// What was decided.
    pub resolution: Resolution,
    /// The whole Python closure, sorted by name.
    #[serde(rename = "package", default)]
    pub packages: Vec<LockedPackage>,
}
