//! One package of a closure, in the form that the lock keeps.

/// One Python distribution of the closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// The normalised name.
    pub name: String,
    /// The PEP 440 version with its local label; empty if `url` is set.
    pub version: String,
    /// The URL of the artefact, if a requirement names it.
    pub url: Option<String>,
    /// `default`, or the URL of its index.
    pub index: String,
    /// The hashes, `sha256:…`, sorted.
    pub hashes: Vec<String>,
    /// The origins of the request.
    pub via: Vec<String>,
}
