//! The facts of this machine, each with the source that it comes from.
//!
//! Parsers take text, so a capture of another machine can test them. Only `probe`, `fingerprint` and `file` read the
//! machine.

pub mod parse;

mod fact;
mod file;
mod fingerprint;
mod overrides;
mod probe;
mod recorded;

use serde::{Deserialize, Serialize};

pub use self::fact::{Fact, FactSource};
pub use self::fingerprint::fingerprint;
pub use self::overrides::FactOverrides;
pub use self::probe::probe;
pub use self::recorded::FactsError;
use crate::manifest::Arch;
use crate::version::{ComputeCapability, CudaVersion, DriverVersion, GlibcVersion};

/// The format version that this program writes and reads.
pub const SCHEMA: u32 = 1;

/// The known facts of a machine. `host --json` prints them and `--facts FILE` reads them back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostFacts {
    /// The format version: 1.
    pub schema: u32,
    /// The machine's name, for tables over many machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Fact<String>>,
    /// CPU architecture.
    pub arch: Option<Fact<Arch>>,
    /// The distribution of /etc/os-release, `debian:12`.
    pub distribution: Option<Fact<String>>,
    /// The kernel release, `6.1.0-28-amd64`.
    pub kernel: Option<Fact<String>>,
    /// The host's own glibc. A container uses the glibc of its base.
    pub glibc: Option<Fact<GlibcVersion>>,
    /// Physical memory, bytes.
    pub memory: Option<Fact<u64>>,
    /// Logical CPUs.
    pub cpus: Option<Fact<u32>>,
    /// The NVIDIA kernel driver. `None`: no driver was found.
    pub driver: Option<Fact<DriverVersion>>,
    /// The newest CUDA that the driver supports (`nvidia-smi` prints it as "CUDA Version").
    pub driver_cuda: Option<Fact<CudaVersion>>,
    /// Every GPU; empty on a machine without GPUs.
    pub gpus: Vec<Fact<GpuFacts>>,
    /// The container engine.
    pub engine: Option<Fact<EngineFacts>>,
    /// The facts that could not be read, with the reasons, for `host` and `doctor`.
    #[serde(default)]
    pub problems: Vec<String>,
}

impl HostFacts {
    /// A machine without any known fact.
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
    /// The driver's index of the GPU.
    pub index: u32,
    /// The name, `NVIDIA GeForce RTX 3090`. `None`: only the PCI bus reports the GPU.
    pub name: Option<String>,
    /// The identifier, `GPU-…`.
    pub uuid: Option<String>,
    /// The capability. `None`: the driver did not answer and the matrix does not know the name.
    pub compute_capability: Option<ComputeCapability>,
    /// Memory, bytes.
    pub memory: Option<u64>,
}

/// The container engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFacts {
    /// The kind of engine, `docker` or `podman`.
    pub kind: String,
    /// The version, `20.10.24`.
    pub version: String,
    /// The address on which it listens: `unix:///var/run/docker.sock`.
    pub endpoint: String,
}
