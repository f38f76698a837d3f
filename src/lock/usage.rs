//! The ways in which a command can use an existing lock.
//!
//! `--locked`, `--frozen` and `--upgrade` become these values.

use crate::manifest::PackageName;

/// The way in which a command uses the lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockUse {
    /// The command uses a lock that answers the manifest, and replaces any other.
    #[default]
    Normal,
    /// The command refuses a lock that does not answer the manifest.
    Locked,
    /// The command uses the lock without a comparison with the manifest's inputs and the target.
    Frozen,
}

/// The parts of the lock that move to newer versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// No part.
    Nothing,
    /// All parts.
    All,
    /// This package or framework.
    Only(PackageName),
}
