//! The machines on which an environment must run, from the command line, `[target]` and this host.

use super::manifest_text::ManifestText;
use super::origin::{Asked, FactOrigin};
use super::overrides::Overrides;
use super::request_error::RequestError;
use crate::host::HostFacts;
use crate::manifest::{Arch, GpuName, Located, Target};
use crate::matrix::Matrix;
use crate::version::{ComputeCapability, CudaVersion, DriverVersion};

/// The facts of the machine or machines that must run the environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetFacts {
    /// The lowest driver.
    pub driver: TargetDriver,
    /// All GPUs; empty if they are open or the machine has none.
    pub gpus: Vec<Asked<TargetGpu>>,
    /// The CPU architecture; none: `x86_64`.
    pub arch: Option<Asked<Arch>>,
    /// Whether the facts come from this host, not from names.
    pub is_host: bool,
    /// The reason why this host has no usable GPU, if it was examined.
    pub no_gpu: Option<NoGpu>,
    /// The "CUDA Version" of `nvidia-smi`, if the host reports it.
    pub driver_cuda: Option<CudaVersion>,
    /// The GPUs that the answer ignores, because their capability is unknown.
    pub unknown: Vec<UnknownGpu>,
}

/// The driver of the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TargetDriver {
    /// Any driver.
    #[default]
    Open,
    /// This host was examined and has no driver.
    Missing,
    /// This driver.
    Version(Asked<DriverVersion>),
}

/// The reason why a machine has no usable GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoGpu {
    /// It has neither an NVIDIA driver nor an NVIDIA GPU.
    Nothing,
    /// It has an NVIDIA GPU and no NVIDIA driver.
    NoDriver,
    /// Its NVIDIA driver shows no GPU.
    NotShown,
}

/// A GPU with an unknown compute capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownGpu {
    /// The matrix does not have this product name.
    Product(String),
    /// The machine has a GPU of this name, but neither the driver nor the matrix knows its capability.
    NoCapability(String),
    /// The machine has a GPU without a name, at this index.
    NoName(u32),
}

/// A GPU of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGpu {
    /// The name as the user wrote it: `RTX 3090` or `8.6`.
    pub name: String,
    /// Its compute capability.
    pub capability: ComputeCapability,
    /// The first driver that runs this product, if the matrix knows the name.
    pub first_driver: Option<Box<DriverVersion>>,
}

impl TargetGpu {
    /// A GPU of which only the capability is known.
    pub(super) fn of_capability(capability: ComputeCapability) -> Self {
        Self { name: capability.to_string(), capability, first_driver: None }
    }
}

impl TargetFacts {
    /// The facts of a machine without a manifest. A lock is checked against them.
    pub fn of_machine(host: Option<&HostFacts>, overrides: &Overrides, matrix: &Matrix) -> Result<Self, RequestError> {
        let text = ManifestText::default();
        let host = host.filter(|_| !overrides.no_host);
        TargetReader { text: &text, matrix, overrides, named: None, host }.read()
    }
}

/// Reads each fact of the target from the source that takes precedence.
pub(super) struct TargetReader<'a> {
    pub(super) text: &'a ManifestText,
    pub(super) matrix: &'a Matrix,
    pub(super) overrides: &'a Overrides,
    /// The `[target]` table of the manifest.
    pub(super) named: Option<&'a Target>,
    pub(super) host: Option<&'a HostFacts>,
}

impl TargetReader<'_> {
    pub(super) fn read(&self) -> Result<TargetFacts, RequestError> {
        let mut facts = TargetFacts { arch: self.arch(), ..TargetFacts::default() };
        let said = self.overrides.machine.driver.is_some() || self.says_gpus();
        facts.driver = self.driver(said);
        self.gpus(&mut facts)?;
        let is_tegra = |gpu: &Asked<TargetGpu>| self.matrix.is_tegra(gpu.value.capability);
        let of_host = |asked: &Asked<Arch>| matches!(asked.origin, FactOrigin::Host(_));
        if self.says_gpus() && facts.gpus.iter().any(is_tegra) {
            // A Tegra is another machine than this one, or its processor is named already.
            facts.arch = facts.arch.filter(|arch| !of_host(arch));
        }
        let Some(host) = self.host else { return Ok(facts) };
        facts.is_host = !said;
        facts.driver_cuda = host.driver_cuda.as_ref().filter(|_| !said).map(|fact| fact.value.clone());
        if !said {
            // A user who names a driver or a GPU means a machine with one.
            facts.no_gpu = match (&host.driver, host.gpus.is_empty()) {
                (None, true) => Some(NoGpu::Nothing),
                (Some(_), true) => Some(NoGpu::NotShown),
                (None, false) => Some(NoGpu::NoDriver),
                (Some(_), false) => None,
            };
        }
        Ok(facts)
    }

    fn says_gpus(&self) -> bool {
        !self.overrides.machine.gpus.is_empty() || !self.overrides.machine.capabilities.is_empty()
    }

    fn arch(&self) -> Option<Asked<Arch>> {
        if let Some(arch) = self.overrides.machine.arch {
            return Some(Asked { value: arch, origin: FactOrigin::CommandLine("--arch") });
        }
        let host = || {
            let fact = self.host?.arch.as_ref()?;
            Some(Asked { value: fact.value, origin: FactOrigin::Host(fact.source.clone()) })
        };
        self.text.asked(self.named.and_then(|target| target.arch.as_ref())).or_else(host)
    }

    fn driver(&self, said: bool) -> TargetDriver {
        if let Some(driver) = &self.overrides.machine.driver {
            let origin = FactOrigin::CommandLine("--driver");
            return TargetDriver::Version(Asked { value: driver.clone(), origin });
        }
        if let Some(driver) = self.text.asked(self.named.and_then(|target| target.driver.as_ref())) {
            return TargetDriver::Version(driver);
        }
        match self.host.map(|host| &host.driver) {
            Some(Some(fact)) => {
                let origin = FactOrigin::Host(fact.source.clone());
                TargetDriver::Version(Asked { value: fact.value.clone(), origin })
            }
            Some(None) if !said => TargetDriver::Missing,
            _ => TargetDriver::Open,
        }
    }

    fn gpus(&self, facts: &mut TargetFacts) -> Result<(), RequestError> {
        if self.says_gpus() {
            for name in &self.overrides.machine.gpus {
                self.product(name, FactOrigin::CommandLine("--gpu"), facts)?;
            }
            for capability in &self.overrides.machine.capabilities {
                let origin = FactOrigin::CommandLine("--compute-capability");
                push(facts, TargetGpu::of_capability(*capability), origin);
            }
            return Ok(());
        }
        for Located { value, span, origin: _ } in self.named.into_iter().flat_map(|target| &target.gpus) {
            let origin = self.text.origin(span.as_ref());
            match value {
                GpuName::Product(name) => self.product(name, origin, facts)?,
                GpuName::Capability(capability) => push(facts, TargetGpu::of_capability(*capability), origin),
            }
        }
        self.host_gpus(facts);
        Ok(())
    }

    fn product(&self, name: &str, origin: FactOrigin, facts: &mut TargetFacts) -> Result<(), RequestError> {
        if let Some(row) = self.matrix.gpu(name) {
            let first_driver = row.first_driver.clone().map(Box::new);
            push(facts, TargetGpu { name: name.to_owned(), capability: row.capability, first_driver }, origin);
        } else if self.overrides.allow_unknown {
            facts.unknown.push(UnknownGpu::Product(name.to_owned()));
        } else {
            return Err(RequestError::unknown_gpu(name, origin, self.text, self.matrix));
        }
        Ok(())
    }

    fn host_gpus(&self, facts: &mut TargetFacts) {
        for fact in self.host.into_iter().flat_map(|host| &host.gpus) {
            let name = fact.value.name.as_deref();
            let from_name = || name.and_then(|name| self.matrix.gpu(name)).map(|row| row.capability);
            match fact.value.compute_capability.or_else(from_name) {
                Some(capability) => {
                    let origin = FactOrigin::Host(fact.source.clone());
                    // The driver shows this GPU, so it runs it.
                    let name = name.unwrap_or("NVIDIA GPU").to_owned();
                    push(facts, TargetGpu { name, capability, first_driver: None }, origin);
                }
                None => facts.unknown.push(match name {
                    Some(name) => UnknownGpu::NoCapability(name.to_owned()),
                    None => UnknownGpu::NoName(fact.value.index),
                }),
            }
        }
    }
}

fn push(facts: &mut TargetFacts, value: TargetGpu, origin: FactOrigin) {
    // Eight equal GPUs are one fact.
    if !facts.gpus.iter().any(|known| known.value == value) {
        facts.gpus.push(Asked { value, origin });
    }
}
