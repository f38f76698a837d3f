//! Types of GPUs, drivers and machines, in the forms that a user writes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ValueError, all, checked_text, has_control};
use crate::version::{ComputeCapability, DriverVersion};

/// What of the CUDA toolkit the container needs beyond what the framework brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Toolkit {
    /// Nothing.
    #[default]
    None,
    /// The runtime libraries.
    Runtime,
    /// `nvcc` and headers.
    Devel,
}

impl Toolkit {
    /// The word for it in the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Runtime => "runtime",
            Self::Devel => "devel",
        }
    }
}

impl FromStr for Toolkit {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "none" => Ok(Self::None),
            "runtime" => Ok(Self::Runtime),
            "devel" => Ok(Self::Devel),
            _ => {
                let allowed = "`none`, `runtime` (the libraries) or `devel` (`nvcc` and headers too)";
                Err(ValueError::new(text, "a toolkit", "there is none of that name", allowed))
            }
        }
    }
}

impl fmt::Display for Toolkit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Runtime => "runtime",
            Self::Devel => "devel",
        })
    }
}

/// A GPU as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuName {
    /// `RTX 3090`; the matrix knows its capability.
    Product(String),
    /// `8.9`
    Capability(ComputeCapability),
}

impl FromStr for GpuName {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| {
            let allowed = "a product (`RTX 3090`, `A100`) or a compute capability (`8.6`)";
            Err(ValueError::new(text, "a GPU", why, allowed))
        };
        let trimmed = text.trim();
        if let Ok(capability) = trimmed.parse() {
            return Ok(Self::Capability(capability));
        }
        match trimmed {
            "" => error("it is empty"),
            _ if trimmed.len() > 100 || has_control(trimmed) => error("it has characters that no name has"),
            _ if !trimmed.contains(|c: char| c.is_ascii_alphabetic()) && trimmed.contains('.') => {
                error("a compute capability has two numbers")
            }
            _ if trimmed.starts_with("sm_") || trimmed.starts_with("compute_") => {
                error("a compute capability is written with a point")
            }
            _ => Ok(Self::Product(trimmed.to_owned())),
        }
    }
}

impl fmt::Display for GpuName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(name) => f.write_str(name),
            Self::Capability(capability) => capability.fmt(f),
        }
    }
}

/// CPU architecture, in the kernel's and the wheels' spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arch {
    /// 64-bit Intel and AMD (`amd64` in image platforms).
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm (`arm64` in image platforms).
    Aarch64,
    /// 64-bit little-endian Power.
    Ppc64le,
}

impl FromStr for Arch {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "x86_64" | "amd64" => Ok(Self::X86_64),
            "aarch64" | "arm64" => Ok(Self::Aarch64),
            "ppc64le" => Ok(Self::Ppc64le),
            _ => {
                let allowed = "`x86_64` (or `amd64`), `aarch64` (or `arm64`) or `ppc64le`";
                Err(ValueError::new(text, "a CPU architecture", "there is none of that name", allowed))
            }
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Ppc64le => "ppc64le",
        })
    }
}

/// Which GPUs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuDevices {
    /// Every one.
    All,
    /// A CPU environment.
    None,
    /// Any so many.
    Count(u32),
    /// By index.
    Indices(Vec<u32>),
    /// By `GPU-…` or `MIG-…` identifier.
    Ids(Vec<String>),
}

impl GpuDevices {
    /// What is allowed, for hints.
    pub(in crate::manifest) const ALLOWED: &str =
        "`\"all\"`, `\"none\"`, `{ count = 2 }`, indices (`[0, 1]`) or identifiers (`[\"GPU-…\", \"MIG-…\"]`)";

    /// The error of a text that names no devices.
    pub(in crate::manifest) fn error(text: &str, why: &'static str) -> ValueError {
        ValueError::new(text, "a choice of GPUs", why, Self::ALLOWED)
    }

    /// Checks one `GPU-…` or `MIG-…` identifier, as `nvidia-smi -L` prints them.
    pub fn identifier(text: &str) -> Result<String, ValueError> {
        let known = text.starts_with("GPU-") || text.starts_with("MIG-");
        if known && text.len() > 4 && text.len() <= 100 && all(text, |c| c.is_ascii_alphanumeric() || "-/".contains(c))
        {
            return Ok(text.to_owned());
        }
        Err(ValueError::new(
            text,
            "a GPU's identifier",
            "identifiers begin with `GPU-` or `MIG-`",
            "what `nvidia-smi -L` prints",
        ))
    }
}

/// `all`, `none`, `2`?: on the command line and as a bare string; lists come as `0,1` or `GPU-…,GPU-…`.
impl FromStr for GpuDevices {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            _ if text.starts_with("GPU-") || text.starts_with("MIG-") => {
                Err(Self::error(text, "identifiers stand in a list"))
            }
            _ => Err(Self::error(text, "there is no such choice")),
        }
    }
}

/// The lowest driver among the target's machines: `>=535`, `535` or `535.104.05`, which all mean "that or newer".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowestDriver(pub DriverVersion);

impl FromStr for LowestDriver {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let trimmed = text.trim();
        let version = trimmed.strip_prefix(">=").unwrap_or(trimmed).trim();
        let error = |why| {
            let allowed = "the lowest driver among the machines, such as `>=535` or `535.104.05`";
            ValueError::new(text, "a lowest driver", why, allowed)
        };
        if version.starts_with(['<', '=', '>', '~', '!']) || version.contains(',') {
            return Err(error("only `>=` is allowed before it"));
        }
        version.parse().map(Self).map_err(|_| error("a driver is a branch or a release, in numbers"))
    }
}

checked_text! {
    /// `compute`, `utility`, `graphics`, `video`, `display`, `compat32`, `ngx` or `all`.
    DriverCapability = driver_capability;
}

/// What the NVIDIA Container Toolkit takes in `NVIDIA_DRIVER_CAPABILITIES`.
const DRIVER_CAPABILITIES: [&str; 8] = ["all", "compat32", "compute", "display", "graphics", "ngx", "utility", "video"];

fn driver_capability(text: &str) -> Result<String, ValueError> {
    if DRIVER_CAPABILITIES.contains(&text) {
        return Ok(text.to_owned());
    }
    let allowed = format!("one of {}", DRIVER_CAPABILITIES.map(|name| format!("`{name}`")).join(", "));
    Err(ValueError::new(text, "a driver capability", "there is none of that name", allowed))
}
