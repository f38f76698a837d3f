//! The machines on which an environment must run, from the command line, `[target]` and this host.

use super::manifest_text::ManifestText;
use super::origin::{Asked, FactOrigin};
use super::overrides::Overrides;
use super::request_error::RequestError;
use crate::host::{Fact, FactSource, GpuFacts, HostFacts};
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
        TargetReader::new(&text, matrix, overrides, None, host).read()
    }
}

/// Reads each fact of the target from the source that takes precedence.
pub(super) struct TargetReader<'a> {
    text: &'a ManifestText,
    matrix: &'a Matrix,
    allow_unknown: bool,
    /// The `[target]` table of the manifest.
    named: Option<&'a Target>,
    /// The facts of this host, replaced where the command line states others.
    machine: HostFacts,
    is_examined: bool,
}

impl<'a> TargetReader<'a> {
    /// A reader of `named` and of a host; without one, only the command line describes the machine.
    pub(super) fn new(
        text: &'a ManifestText,
        matrix: &'a Matrix,
        overrides: &Overrides,
        named: Option<&'a Target>,
        host: Option<&HostFacts>,
    ) -> Self {
        let machine = host.cloned().unwrap_or_else(HostFacts::unknown).with(&overrides.machine);
        Self { text, matrix, allow_unknown: overrides.allow_unknown, named, machine, is_examined: host.is_some() }
    }

    pub(super) fn read(&self) -> Result<TargetFacts, RequestError> {
        let arch = self.first(self.machine.arch.as_ref(), self.named.and_then(|target| target.arch.as_ref()));
        let mut facts = TargetFacts { arch, ..TargetFacts::default() };
        // A user who names a driver or a GPU means a machine with one.
        let is_host = self.is_examined && !self.states_driver() && !self.states_gpus();
        facts.driver = match self.driver() {
            Some(driver) => TargetDriver::Version(driver),
            None if is_host => TargetDriver::Missing,
            None => TargetDriver::Open,
        };
        self.gpus(&mut facts)?;
        let is_tegra = |gpu: &Asked<TargetGpu>| self.matrix.is_tegra(gpu.value.capability);
        let of_host = |asked: &Asked<Arch>| matches!(asked.origin, FactOrigin::Host(_));
        if self.states_gpus() && facts.gpus.iter().any(is_tegra) {
            // A Tegra is another machine than this one, or its processor is named already.
            facts.arch = facts.arch.filter(|arch| !of_host(arch));
        }
        facts.is_host = is_host;
        facts.driver_cuda = self.machine.driver_cuda.as_ref().map(|fact| fact.value.clone());
        if is_host {
            facts.no_gpu = match (&self.machine.driver, self.machine.gpus.is_empty()) {
                (None, true) => Some(NoGpu::Nothing),
                (Some(_), true) => Some(NoGpu::NotShown),
                (None, false) => Some(NoGpu::NoDriver),
                (Some(_), false) => None,
            };
        }
        Ok(facts)
    }

    fn states_driver(&self) -> bool {
        self.machine.driver.as_ref().is_some_and(Fact::is_stated)
    }

    fn states_gpus(&self) -> bool {
        self.machine.gpus.iter().any(Fact::is_stated)
    }

    fn driver(&self) -> Option<Asked<DriverVersion>> {
        self.first(self.machine.driver.as_ref(), self.named.and_then(|target| target.driver.as_ref()))
    }

    /// The value that takes precedence: of the command line, then of `[target]`, then of this host.
    fn first<T: Clone>(&self, fact: Option<&Fact<T>>, named: Option<&Located<T>>) -> Option<Asked<T>> {
        let (stated, found) = match fact {
            Some(fact) if fact.is_stated() => (Some(fact), None),
            found => (None, found),
        };
        let asked = |fact: &Fact<T>| Asked { value: fact.value.clone(), origin: (&fact.source).into() };
        stated.map(asked).or_else(|| self.text.asked(named)).or_else(|| found.map(asked))
    }

    fn gpus(&self, facts: &mut TargetFacts) -> Result<(), RequestError> {
        if !self.states_gpus() {
            self.named_gpus(facts)?;
        }
        for fact in &self.machine.gpus {
            match (&fact.source, &fact.value.name) {
                (FactSource::Option(_), Some(name)) => self.product(name, (&fact.source).into(), facts)?,
                _ => self.machine_gpu(fact, facts),
            }
        }
        Ok(())
    }

    fn named_gpus(&self, facts: &mut TargetFacts) -> Result<(), RequestError> {
        for Located { value, span, origin: _ } in self.named.into_iter().flat_map(|target| &target.gpus) {
            let origin = self.text.origin(span.as_ref());
            match value {
                GpuName::Product(name) => self.product(name, origin, facts)?,
                GpuName::Capability(capability) => push(facts, TargetGpu::of_capability(*capability), origin),
            }
        }
        Ok(())
    }

    fn product(&self, name: &str, origin: FactOrigin, facts: &mut TargetFacts) -> Result<(), RequestError> {
        if let Some(row) = self.matrix.gpu(name) {
            let first_driver = row.first_driver.clone().map(Box::new);
            push(facts, TargetGpu { name: name.to_owned(), capability: row.capability, first_driver }, origin);
        } else if self.allow_unknown {
            facts.unknown.push(UnknownGpu::Product(name.to_owned()));
        } else {
            return Err(RequestError::unknown_gpu(name, origin, self.text, self.matrix));
        }
        Ok(())
    }

    fn machine_gpu(&self, fact: &Fact<GpuFacts>, facts: &mut TargetFacts) {
        let GpuFacts { index, name, uuid: _, compute_capability, memory: _ } = &fact.value;
        let row = name.as_deref().and_then(|name| self.matrix.gpu(name));
        match (*compute_capability).or(row.map(|row| row.capability)) {
            Some(capability) if fact.is_stated() => {
                push(facts, TargetGpu::of_capability(capability), (&fact.source).into());
            }
            Some(capability) => {
                // The driver shows this GPU, so it runs it.
                let name = name.clone().unwrap_or_else(|| "NVIDIA GPU".to_owned());
                push(facts, TargetGpu { name, capability, first_driver: None }, (&fact.source).into());
            }
            None => facts.unknown.push(match name {
                Some(name) => UnknownGpu::NoCapability(name.clone()),
                None => UnknownGpu::NoName(*index),
            }),
        }
    }
}

fn push(facts: &mut TargetFacts, value: TargetGpu, origin: FactOrigin) {
    // Eight equal GPUs are one fact.
    if !facts.gpus.iter().any(|known| known.value == value) {
        facts.gpus.push(Asked { value, origin });
    }
}
