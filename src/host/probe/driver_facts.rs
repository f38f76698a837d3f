//! The facts about NVIDIA's driver. Several sources fill them, one after the other.

use crate::host::{Fact, GpuFacts};
use crate::version::{CudaVersion, DriverVersion};

/// What was found of NVIDIA's.
#[derive(Debug, Default)]
pub(super) struct DriverFacts {
    pub(super) driver: Option<Fact<DriverVersion>>,
    pub(super) driver_cuda: Option<Fact<CudaVersion>>,
    pub(super) gpus: Vec<Fact<GpuFacts>>,
    pub(super) problems: Vec<String>,
}
