//! The limits of a walk over a directory tree.
//!
//! Each caller names its own limits, because a stranger may have made the tree.

use serde::{Deserialize, Serialize};

/// The limits of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TreeLimits {
    /// The limit for the bytes of all files together.
    pub bytes: u64,
    /// The limit for the number of files and directories.
    pub files: usize,
    /// The limit for nested directories.
    pub depth: usize,
}
