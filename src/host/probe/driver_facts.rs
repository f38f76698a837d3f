//! The facts about NVIDIA's driver. Several sources fill them, one after the other.
//!
//! A source never replaces a fact of an earlier source.

use crate::host::{Fact, GpuFacts};
use crate::version::{CudaVersion, DriverVersion};

/// The facts found about NVIDIA's driver and GPUs.
#[derive(Debug, Default)]
pub(super) struct DriverFacts {
    pub(super) driver: Option<Fact<DriverVersion>>,
    pub(super) driver_cuda: Option<Fact<CudaVersion>>,
    pub(super) gpus: Vec<Fact<GpuFacts>>,
    pub(super) problems: Vec<String>,
}
