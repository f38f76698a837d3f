//! The machine that the user names in place of this host.

use crate::host::FactOverrides;
use crate::manifest::Arch;
use crate::version::{ComputeCapability, DriverVersion};

/// What is said of the machine beside the manifest and the host's facts, and wins over both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub driver: Option<DriverVersion>,
    /// Product names.
    pub gpus: Vec<String>,
    pub capabilities: Vec<ComputeCapability>,
    pub arch: Option<Arch>,
    /// This host is not looked at.
    pub no_host: bool,
    /// The host's facts were named by `--facts`: they stand before `[target]`.
    pub facts: bool,
    /// The environment is for the CPU alone.
    pub cpu: bool,
    /// Where the matrix knows nothing, a warning is enough.
    pub allow_unknown: bool,
}

impl From<&Overrides> for FactOverrides {
    fn from(overrides: &Overrides) -> Self {
        // Whether this machine is looked at, and whether GPUs matter, is for the caller to follow.
        let Overrides { driver, gpus, capabilities, arch, no_host: _, facts: _, cpu: _, allow_unknown: _ } = overrides;
        Self { driver: driver.clone(), gpus: gpus.clone(), capabilities: capabilities.clone(), arch: *arch }
    }
}
