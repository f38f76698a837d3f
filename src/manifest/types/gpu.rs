//! Types of GPUs, drivers and machines, in the forms that a user writes.
//!
//! They check the form only. The matrix knows which products exist.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ValueError, all, checked_text, has_control};
use crate::version::{ComputeCapability, DriverVersion};

/// The part of the CUDA toolkit that the container needs in addition to the framework's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Toolkit {
    /// No part.
    #[default]
    None,
    /// The runtime libraries.
    Runtime,
    /// The runtime libraries, `nvcc` and the headers.
    Devel,
}

impl Toolkit {
    /// The word in the manifest.
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

/// A GPU in the form of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuName {
    /// A product: `RTX 3090`. The matrix knows its capability.
    Product(String),
    /// A capability: `8.9`.
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

/// A CPU architecture, in the spelling of the kernel and of wheels.
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

/// The GPUs that a container gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuDevices {
    /// Every GPU.
    All,
    /// No GPU: a CPU environment.
    None,
    /// Any GPUs, this number of them.
    Count(u32),
    /// The GPUs with these indices.
    Indices(Vec<u32>),
    /// The GPUs with these `GPU-…` or `MIG-…` identifiers.
    Ids(Vec<String>),
}

impl GpuDevices {
    /// The allowed forms, for hints.
    pub(in crate::manifest) const ALLOWED: &str =
        "`\"all\"`, `\"none\"`, `{ count = 2 }`, indices (`[0, 1]`) or identifiers (`[\"GPU-…\", \"MIG-…\"]`)";

    /// The error of a text that does not name devices.
    pub(in crate::manifest) fn error(text: &str, why: &'static str) -> ValueError {
        ValueError::new(text, "a choice of GPUs", why, Self::ALLOWED)
    }

    /// Checks one `GPU-…` or `MIG-…` identifier, in the form of `nvidia-smi -L`.
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

/// `all`, `none` or `2`, on the command line and as a string. A list has the form `0,1` or `GPU-…,GPU-…`.
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

/// The lowest driver of the target machines: `>=535`, `535` or `535.104.05`. All three mean this version or a newer
/// one.
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

/// The values that the NVIDIA Container Toolkit accepts in `NVIDIA_DRIVER_CAPABILITIES`.
const DRIVER_CAPABILITIES: [&str; 8] = ["all", "compat32", "compute", "display", "graphics", "ngx", "utility", "video"];

fn driver_capability(text: &str) -> Result<String, ValueError> {
    if DRIVER_CAPABILITIES.contains(&text) {
        return Ok(text.to_owned());
    }
    let allowed = format!("one of {}", DRIVER_CAPABILITIES.map(|name| format!("`{name}`")).join(", "));
    Err(ValueError::new(text, "a driver capability", "there is none of that name", allowed))
}
