//! The packages that are older than they would be if packages could be built.

use serde::Serialize;

/// One package in an old version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OlderPackage {
    pub name: String,
    /// The version in the lock.
    pub locked: String,
    /// The newest version in the index for the environment's Python.
    pub newest: String,
    /// The packages without a wheel that keep newer versions out.
    pub without_wheel: Vec<String>,
}
