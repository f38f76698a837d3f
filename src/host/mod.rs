//! The facts of this machine, each with the source that it comes from.
//!
//! Parsers take text, so a capture of another machine can test them. Only `probe`, `fingerprint` and `file` read the
//! machine.

pub mod parse;

mod file;
mod fingerprint;
mod overrides;
mod probe;
mod recorded;

use serde::{Deserialize, Serialize};

pub use self::fingerprint::fingerprint;
pub use self::overrides::FactOverrides;
pub use self::probe::probe;
pub use self::recorded::FactsError;
use crate::manifest::Arch;
use crate::version::{ComputeCapability, CudaVersion, DriverVersion, GlibcVersion};

/// A value and how it was learned. An override given by the user wins and says so in `source`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// `NVML`, `/proc/driver/nvidia/version`, `--driver`, …
    pub source: String,
}

impl<T> Fact<T> {
    /// A fact.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// The format's version that this edition writes and reads.
pub const SCHEMA: u32 = 1;

/// What is known of a machine. `host --json` prints it and `--facts FILE` reads it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostFacts {
    /// The format's version: 1.
    pub schema: u32,
    /// The machine's name, for tables over many machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Fact<String>>,
    /// CPU architecture.
    pub arch: Option<Fact<Arch>>,
    /// `debian:12`, where /etc/os-release says.
    pub distribution: Option<Fact<String>>,
    /// `6.1.0-28-amd64`
    pub kernel: Option<Fact<String>>,
    /// The host's own; what matters for a container is its base's.
    pub glibc: Option<Fact<GlibcVersion>>,
    /// Physical memory, bytes.
    pub memory: Option<Fact<u64>>,
    /// Logical CPUs.
    pub cpus: Option<Fact<u32>>,
    /// The NVIDIA kernel driver; none: no driver was found.
    pub driver: Option<Fact<DriverVersion>>,
    /// The newest CUDA the driver serves (what `nvidia-smi` prints as "CUDA Version").
    pub driver_cuda: Option<Fact<CudaVersion>>,
    /// Every GPU; empty on a machine without.
    pub gpus: Vec<Fact<GpuFacts>>,
    /// The container engine.
    pub engine: Option<Fact<EngineFacts>>,
    /// What could not be learned and why, for `host` and `doctor`.
    #[serde(default)]
    pub problems: Vec<String>,
}

impl HostFacts {
    /// A machine of which nothing is known yet.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            schema: SCHEMA,
            hostname: None,
            arch: None,
            distribution: None,
            kernel: None,
            glibc: None,
            memory: None,
            cpus: None,
            driver: None,
            driver_cuda: None,
            gpus: Vec::new(),
            engine: None,
            problems: Vec::new(),
        }
    }
}

/// One GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuFacts {
    /// As the driver numbers it.
    pub index: u32,
    /// `NVIDIA GeForce RTX 3090`; none where only the PCI bus was seen.
    pub name: Option<String>,
    /// `GPU-…`
    pub uuid: Option<String>,
    /// None where the driver could not be asked and the matrix does not know the name.
    pub compute_capability: Option<ComputeCapability>,
    /// Memory, bytes.
    pub memory: Option<u64>,
}

/// The container engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFacts {
    /// `docker` or `podman`
    pub kind: String,
    /// `20.10.24`
    pub version: String,
    /// Where it listens: `unix:///var/run/docker.sock`.
    pub endpoint: String,
}
