//! How far a walk over a tree goes.

use serde::{Deserialize, Serialize};

/// How much a tree may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TreeLimits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Files and directories.
    pub files: usize,
    /// Directories within directories.
    pub depth: usize,
}
