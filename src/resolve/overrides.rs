//! The machine that the user names in place of this host.

use crate::host::FactOverrides;
use crate::manifest::Arch;
use crate::version::{ComputeCapability, DriverVersion};

/// The options about the machine. They take precedence over the manifest and the host's facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub driver: Option<DriverVersion>,
    /// The product names of the GPUs.
    pub gpus: Vec<String>,
    pub capabilities: Vec<ComputeCapability>,
    pub arch: Option<Arch>,
    /// Ignore this host.
    pub no_host: bool,
    /// The user passed the host's facts with `--facts`, so they take precedence over `[target]`.
    pub facts: bool,
    /// Build the environment for the CPU only.
    pub cpu: bool,
    /// Warn instead of failing if the matrix does not know a value.
    pub allow_unknown: bool,
}

impl From<&Overrides> for FactOverrides {
    fn from(overrides: &Overrides) -> Self {
        // The other options are no facts of a machine. The callers handle them.
        let Overrides { driver, gpus, capabilities, arch, no_host: _, facts: _, cpu: _, allow_unknown: _ } = overrides;
        Self { driver: driver.clone(), gpus: gpus.clone(), capabilities: capabilities.clone(), arch: *arch }
    }
}
