//! One package of a closure, as the lock keeps it.

use serde::{Deserialize, Serialize};

/// One Python distribution of the closure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedPackage {
    /// Normalised.
    pub name: String,
    /// PEP 440, with its local label; empty with a URL.
    pub version: String,
    /// The artefact itself, where a requirement names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `default`, or the URL of the index it comes from.
    pub index: String,
    /// `sha256:…`, sorted.
    pub hashes: Vec<String>,
    /// Who asked for it.
    #[serde(default)]
    pub via: Vec<String>,
}
