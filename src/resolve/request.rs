//! Manifest, host facts and command line → [`Request`]: everything that decides, each value with who said it.
//!
//! Precedence is command line, then `[target]`, then this host. A manifest with `[target]` describes the machines it is
//! for, so the host where `check` happens to run adds nothing to it: the answer is the same everywhere.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use super::axis::AxisSet;
use super::origin::{Asked, FactOrigin};
use super::request_error::RequestError;
use crate::host::HostFacts;
use crate::manifest::{
    Arch, FrameworkId, GpuDevices, GpuName, Located, Manifest, PackageName, Sources, SystemTable, Target, Toolkit,
};
use crate::matrix::Matrix;
use crate::settings::Overrides;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, PythonVersion, VersionRequest};

/// Everything that decides. Made from a manifest, host facts and command-line overrides by [`Request::new`].
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The manifest it was made from, for suggestions.
    pub manifest: ManifestText,
    /// What to install.
    pub frameworks: BTreeMap<FrameworkId, FrameworkWish>,
    /// The Python wanted.
    pub python: Option<Asked<PythonVersion>>,
    /// The CUDA the framework build is to be made for.
    pub cuda: Option<Asked<CudaVersion>>,
    /// Likewise cuDNN.
    pub cudnn: Option<Asked<CudnnVersion>>,
    /// What of the toolkit the container itself needs.
    pub toolkit: Option<Asked<Toolkit>>,
    /// The base wanted.
    pub base: Base,
    /// Whether a GPU is wanted.
    pub gpu: GpuWish,
    /// The machine or machines it must run on.
    pub target: TargetFacts,
    /// Go on with a warning where the matrix knows nothing.
    pub allow_unknown: bool,
}

/// A manifest as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ManifestText {
    /// The file, or `<stdin>`.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
    /// It and what lies over it, to tell where a value stands.
    pub sources: Sources,
}

/// One framework asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkWish {
    /// Which releases.
    pub version: Asked<VersionRequest>,
    /// Companion distributions.
    pub with: Vec<PackageName>,
    /// This build alone, where a lock says so.
    pub variant: Option<String>,
}

/// The base asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Base {
    /// None: the resolver chooses.
    #[default]
    Open,
    /// A distribution's id.
    Distribution(Asked<String>),
    /// The user's own image: its glibc and Python are not known.
    Image(Asked<String>),
}

/// Whether a GPU is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuWish {
    /// GPU builds; a target without a GPU is `gpu-missing`.
    Required(Option<Range<usize>>),
    /// GPU builds, also where there is no GPU.
    Optional,
    /// CPU builds.
    None,
}

/// The machine or machines it must run on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetFacts {
    /// The lowest driver.
    pub driver: TargetDriver,
    /// Every GPU; empty where that is left open or there is none.
    pub gpus: Vec<Asked<TargetGpu>>,
    /// CPU architecture; none: `x86_64`.
    pub arch: Option<Asked<Arch>>,
    /// Whether these are this host's own facts rather than named ones.
    pub is_host: bool,
    /// This machine was looked at and has no GPU to use.
    pub no_gpu: Option<NoGpu>,
    /// The figure that `nvidia-smi` prints as "CUDA Version", where the host told it.
    pub driver_cuda: Option<CudaVersion>,
    /// The GPUs that are left out of account because nobody knows them.
    pub unknown: Vec<UnknownGpu>,
}

/// What is known of the target's driver.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TargetDriver {
    /// Left open: any driver.
    #[default]
    Open,
    /// This machine was looked at and has none.
    Missing,
    /// This one.
    Version(Asked<DriverVersion>),
}

/// Why a machine has no GPU to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoGpu {
    /// It has neither an NVIDIA driver nor an NVIDIA GPU.
    Nothing,
    /// It has an NVIDIA GPU and no NVIDIA driver.
    NoDriver,
    /// Its NVIDIA driver shows no GPU.
    NotShown,
}

/// A GPU of which nobody knows the compute capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownGpu {
    /// The matrix does not have the product that was named.
    Product(String),
    /// The machine has a GPU of this name, and neither driver nor matrix tells its capability.
    NoCapability(String),
    /// The machine has a GPU without a name, by its index.
    NoName(u32),
}

/// A GPU of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGpu {
    /// As named: `RTX 3090` or `8.6`.
    pub name: String,
    /// Its capability.
    pub capability: ComputeCapability,
}

impl Request {
    /// Puts manifest, host and command line together. `host` is left out of account with `--no-host`, and where the
    /// manifest has a `[target]`.
    pub fn new(
        manifest: &Manifest,
        host: Option<&HostFacts>,
        overrides: &Overrides,
        matrix: &Matrix,
    ) -> Result<Self, RequestError> {
        let text = ManifestText::of(manifest);
        let gpu = gpu_wish(manifest, overrides);
        // A machine named on the command line stands before `[target]`, and that before the machine this runs on.
        let named = Some(&manifest.target).filter(|_| !overrides.facts);
        let host = host.filter(|_| !overrides.no_host && !named.is_some_and(Target::is_named));
        let target = TargetReader { text: &text, matrix, overrides, named, host }.read()?;
        Ok(Self {
            frameworks: frameworks(manifest, &text, matrix)?,
            python: text.asked(manifest.python.version.as_ref()),
            cuda: text.asked(manifest.cuda.version.as_ref()),
            cudnn: text.asked(manifest.cuda.cudnn.as_ref()),
            toolkit: text.asked(manifest.cuda.toolkit.as_ref()),
            base: base(&manifest.system, &text),
            gpu,
            target,
            allow_unknown: overrides.allow_unknown,
            manifest: text,
        })
    }
}

impl Request {
    /// The request that states nothing but what this one does on `axes`.
    pub(super) fn with_only(&self, axes: &AxisSet) -> Self {
        let mut only = self.clone();
        // The last first: without a framework or a GPU, those after it have other places.
        for axis in AxisSet::of(self).iter().rev().filter(|axis| !axes.has(*axis)) {
            axis.rules().clear(&mut only);
        }
        only
    }

    /// Why the machine has no GPU to use, where one is wanted.
    pub(super) fn lacking_gpu(&self) -> Option<NoGpu> {
        self.target.no_gpu.filter(|_| matches!(self.gpu, GpuWish::Required(_)))
    }

    /// Whether a GPU is wanted and the machine has none to use.
    pub(super) fn lacks_gpu(&self) -> bool {
        self.lacking_gpu().is_some()
    }
}

impl ManifestText {
    /// The text of `manifest`.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self { path: manifest.path.clone(), text: manifest.text.clone(), sources: manifest.sources.clone() }
    }

    /// A value of this manifest, with its line.
    fn asked<T: Clone>(&self, located: Option<&Located<T>>) -> Option<Asked<T>> {
        let Located { value, span, origin: _ } = located?;
        Some(Asked { value: value.clone(), origin: self.origin(span.as_ref()) })
    }

    /// The origin of the value at `span`.
    pub(super) fn origin(&self, span: Option<&Range<usize>>) -> FactOrigin {
        let place = span.and_then(|span| self.sources.place(span));
        FactOrigin::Manifest { place, span: span.cloned() }
    }
}

fn frameworks(
    manifest: &Manifest,
    text: &ManifestText,
    matrix: &Matrix,
) -> Result<BTreeMap<FrameworkId, FrameworkWish>, RequestError> {
    let mut wishes = BTreeMap::new();
    for (id, located) in &manifest.frameworks {
        if !matrix.frameworks().any(|known| known.id == id) {
            return Err(RequestError::unknown_framework(id, located.span.as_ref(), text, matrix));
        }
        let version = Asked { value: located.value.version.clone(), origin: text.origin(located.span.as_ref()) };
        let with = located.value.with.iter().map(|package| package.value.clone()).collect();
        wishes.insert(id.clone(), FrameworkWish { version, with, variant: None });
    }
    Ok(wishes)
}

fn gpu_wish(manifest: &Manifest, overrides: &Overrides) -> GpuWish {
    match &manifest.gpu.devices {
        _ if overrides.cpu => GpuWish::None,
        Located { value: GpuDevices::None, .. } => GpuWish::None,
        _ if manifest.gpu.optional => GpuWish::Optional,
        Located { span, .. } => GpuWish::Required(span.clone()),
    }
}

fn base(system: &SystemTable, text: &ManifestText) -> Base {
    let image = text.asked(system.image.as_ref()).map(|image| Base::Image(image.map(|image| image.to_string())));
    let named = || text.asked(system.base.as_ref()).map(|base| Base::Distribution(base.map(|base| base.to_string())));
    image.or_else(named).unwrap_or_default()
}

impl TargetFacts {
    /// The facts of a machine alone, without a manifest: what a lock is held against.
    pub fn of_machine(host: Option<&HostFacts>, overrides: &Overrides, matrix: &Matrix) -> Result<Self, RequestError> {
        let text = ManifestText::default();
        let host = host.filter(|_| !overrides.no_host);
        TargetReader { text: &text, matrix, overrides, named: None, host }.read()
    }
}

/// Finds each fact of the target where precedence says to look.
struct TargetReader<'a> {
    text: &'a ManifestText,
    matrix: &'a Matrix,
    overrides: &'a Overrides,
    /// `[target]`
    named: Option<&'a Target>,
    host: Option<&'a HostFacts>,
}

impl TargetReader<'_> {
    fn read(&self) -> Result<TargetFacts, RequestError> {
        let mut facts = TargetFacts { arch: self.arch(), ..TargetFacts::default() };
        let said = self.overrides.driver.is_some() || self.says_gpus();
        facts.driver = self.driver(said);
        self.gpus(&mut facts)?;
        let Some(host) = self.host else { return Ok(facts) };
        facts.is_host = !said;
        facts.driver_cuda = host.driver_cuda.as_ref().filter(|_| !said).map(|fact| fact.value.clone());
        if !said {
            // Whoever names a driver or a GPU speaks of a machine that has one.
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
        !self.overrides.gpus.is_empty() || !self.overrides.capabilities.is_empty()
    }

    fn arch(&self) -> Option<Asked<Arch>> {
        if let Some(arch) = self.overrides.arch {
            return Some(Asked { value: arch, origin: FactOrigin::CommandLine("--arch") });
        }
        let host = || {
            let fact = self.host?.arch.as_ref()?;
            Some(Asked { value: fact.value, origin: FactOrigin::Host(fact.source.clone()) })
        };
        self.text.asked(self.named.and_then(|target| target.arch.as_ref())).or_else(host)
    }

    fn driver(&self, said: bool) -> TargetDriver {
        if let Some(driver) = &self.overrides.driver {
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
            for name in &self.overrides.gpus {
                self.product(name, FactOrigin::CommandLine("--gpu"), facts)?;
            }
            for capability in &self.overrides.capabilities {
                let origin = FactOrigin::CommandLine("--compute-capability");
                push(facts, &capability.to_string(), *capability, origin);
            }
            return Ok(());
        }
        for Located { value, span, origin: _ } in self.named.into_iter().flat_map(|target| &target.gpus) {
            let origin = self.text.origin(span.as_ref());
            match value {
                GpuName::Product(name) => self.product(name, origin, facts)?,
                GpuName::Capability(capability) => push(facts, &capability.to_string(), *capability, origin),
            }
        }
        self.host_gpus(facts);
        Ok(())
    }

    fn product(&self, name: &str, origin: FactOrigin, facts: &mut TargetFacts) -> Result<(), RequestError> {
        if let Some(row) = self.matrix.gpu(name) {
            push(facts, name, row.capability, origin);
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
                    push(facts, name.unwrap_or("NVIDIA GPU"), capability, origin);
                }
                None => facts.unknown.push(match name {
                    Some(name) => UnknownGpu::NoCapability(name.to_owned()),
                    None => UnknownGpu::NoName(fact.value.index),
                }),
            }
        }
    }
}

fn push(facts: &mut TargetFacts, name: &str, capability: ComputeCapability, origin: FactOrigin) {
    let value = TargetGpu { name: name.to_owned(), capability };
    // Eight equal GPUs are one fact.
    if !facts.gpus.iter().any(|known| known.value == value) {
        facts.gpus.push(Asked { value, origin });
    }
}
