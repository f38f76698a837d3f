//! The limits of a walk over a directory tree.
//!
//! Each caller names its own limits, because a stranger may have made the tree.

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
