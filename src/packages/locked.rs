//! One package of a closure, in the form that the lock keeps.

/// One Python distribution of the closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// Normalised.
    pub name: String,
    /// PEP 440, with its local label; empty with a URL.
    pub version: String,
    /// The artefact itself, where a requirement names it.
    pub url: Option<String>,
    /// `default`, or the URL of the index it comes from.
    pub index: String,
    /// `sha256:…`, sorted.
    pub hashes: Vec<String>,
    /// Who asked for it.
    pub via: Vec<String>,
}
