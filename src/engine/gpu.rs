//! GPUs as values: the GPUs that a container gets, and the ways to request GPUs from an engine.
//!
//! Engines accept different forms of the request, so the form is a value that can be tried and stored.

use serde::{Deserialize, Serialize};

/// The GPUs to request, and the way to request them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GpuSpec {
    pub via: GpuRoute,
    pub devices: GpuSelection,
    /// `compute`, `utility`, …
    pub driver_capabilities: Vec<String>,
}

/// The way to request a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpuRoute {
    /// A Container Device Interface request (`nvidia.com/gpu=all`).
    Cdi,
    /// The request that `docker run --gpus` sends.
    DeviceRequest,
    /// `--runtime nvidia` with `NVIDIA_VISIBLE_DEVICES`.
    Runtime,
}

impl GpuRoute {
    /// The name for users, as in the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cdi => "cdi",
            Self::DeviceRequest => "device-request",
            Self::Runtime => "runtime",
        }
    }
}

/// The selection of GPUs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpuSelection {
    All,
    Count(u32),
    /// Indices or `GPU-…`/`MIG-…` identifiers, as text.
    Devices(Vec<String>),
}
