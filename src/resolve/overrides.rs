//! The machine that the user names in place of this host.

use crate::host::FactOverrides;

/// The options about the machine. They take precedence over the manifest and the host's facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub machine: FactOverrides,
    /// Ignore this host.
    pub no_host: bool,
    /// The user passed the host's facts with `--facts`, so they take precedence over `[target]`.
    pub facts: bool,
    /// Build the environment for the CPU only.
    pub cpu: bool,
    /// Warn instead of failing if the matrix does not know a value.
    pub allow_unknown: bool,
}
