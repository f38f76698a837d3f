//! The ways in which a command can use an existing lock.

/// How the lock is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockUse {
    /// It is used where it answers the manifest, and written again where it does not.
    Normal,
    /// It is refused where it does not answer the manifest.
    Locked,
    /// It is used without a look at the manifest's inputs and at the target.
    Frozen,
}

/// What of the lock is moved to newer versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// Nothing.
    Nothing,
    /// Everything.
    All,
    /// This package or framework.
    Only(String),
}
