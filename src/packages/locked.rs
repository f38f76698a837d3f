//! One package of a closure, as the lock keeps it.

use serde::Serialize;

/// One Python distribution of the closure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockedPackage {
    /// Normalised.
    pub name: String,
    /// PEP 440, with its local label; empty with a URL.
    pub version: String,
    /// The artefact itself, where a requirement names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `default`, or the URL of the index it comes from.
    pub index: String,
    /// `sha256:…`, sorted.
    pub hashes: Vec<String>,
    /// Who asked for it.
    pub via: Vec<String>,
}
