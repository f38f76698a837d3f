//! The input of one run of `uv pip compile`, as values.

use std::collections::BTreeMap;

/// The input of a run of uv, for this host or for another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileJob {
    /// The files in its working directory.
    pub files: BTreeMap<&'static str, String>,
    /// The arguments after `uv pip compile`, without a Python.
    pub arguments: Vec<String>,
    /// The file for the result.
    pub output: &'static str,
}
