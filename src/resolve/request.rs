//! Combines manifest, host facts and command line into a [`Request`]: every value that decides, with its source.
//!
//! The command line precedes `[target]`, which precedes this host. A manifest with `[target]` describes its own
//! machines, so the host that runs `check` adds nothing to them: the answer is the same everywhere.

use std::collections::BTreeMap;
use std::ops::Range;

use super::framework_line::{FrameworkLine, LineDemand};
use super::manifest_text::ManifestText;
use super::origin::{Asked, FactOrigin};
use super::overrides::Overrides;
use super::request_error::RequestError;
use super::target::{NoGpu, TargetFacts, TargetReader};
use crate::host::HostFacts;
use crate::manifest::{
    Date, FrameworkId, GpuDevices, Located, Manifest, PackageName, PythonRequest, SystemTable, Target, Toolkit,
};
use crate::matrix::Matrix;
use crate::version::{CudaVersion, CudnnVersion, VersionRequest};

/// All values that decide the answer. [`Request::new`] combines them from a manifest, host facts and command-line
/// overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The manifest of the request, for suggestions.
    pub manifest: ManifestText,
    /// The frameworks to install.
    pub frameworks: BTreeMap<FrameworkId, FrameworkWish>,
    /// The lines of the project's files about the frameworks.
    pub lines: Vec<FrameworkLine>,
    /// The last day of publication of the frameworks' builds.
    pub published: Option<Asked<Date>>,
    /// The requested Pythons.
    pub python: Option<Asked<PythonRequest>>,
    /// The Pythons that the project's own `pyproject.toml` accepts.
    pub requires_python: Option<Asked<PythonRequest>>,
    /// The requested CUDA of the framework's build.
    pub cuda: Option<Asked<CudaVersion>>,
    /// The requested cuDNN of the framework's build.
    pub cudnn: Option<Asked<CudnnVersion>>,
    /// The part of the CUDA toolkit that the container needs.
    pub toolkit: Option<Asked<Toolkit>>,
    /// The requested base.
    pub base: Base,
    /// Whether a GPU is wanted.
    pub gpu: GpuWish,
    /// The machine or machines that must run the environment.
    pub target: TargetFacts,
    /// Whether to warn instead of failing if the matrix does not know a value.
    pub allow_unknown: bool,
}

/// One requested framework.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkWish {
    /// The requested releases.
    pub version: Asked<VersionRequest>,
    /// The companion distributions.
    pub with: Vec<PackageName>,
    /// Whether it computes on the GPU of the environment.
    pub gpu: bool,
    /// The only build to consider, if a lock names one.
    pub variant: Option<String>,
}

/// The requested base.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Base {
    /// No base is requested: the resolver chooses one.
    #[default]
    Open,
    /// The ID of a distribution.
    Distribution(Asked<String>),
    /// The user's own image. Its C library and its Python are unknown.
    Image(Asked<String>),
}

impl Base {
    /// The requested distribution or image.
    pub(super) fn asked(&self) -> Option<&Asked<String>> {
        match self {
            Self::Open => None,
            Self::Distribution(asked) | Self::Image(asked) => Some(asked),
        }
    }

    /// The ID of the requested distribution.
    pub(super) fn distribution(&self) -> Option<&str> {
        if let Self::Distribution(asked) = self { Some(&asked.value) } else { None }
    }
}

/// Whether a GPU is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuWish {
    /// GPU builds. A target without a GPU is the conflict `gpu-missing`.
    Required(Option<Range<usize>>),
    /// GPU builds, even without a GPU.
    Optional,
    /// CPU builds.
    None,
}

impl Request {
    /// Combines manifest, host and command line. `host` is ignored with `--no-host`, and if the manifest has a
    /// `[target]`.
    pub fn new(
        manifest: &Manifest,
        host: Option<&HostFacts>,
        overrides: &Overrides,
        matrix: &Matrix,
    ) -> Result<Self, RequestError> {
        let text = ManifestText::of(manifest);
        let gpu = gpu_wish(manifest, overrides);
        // The command line takes precedence over `[target]`, and `[target]` over this machine.
        let named = Some(&manifest.target).filter(|_| !overrides.facts);
        let host = host.filter(|_| !overrides.no_host && !named.is_some_and(Target::is_named));
        let target = TargetReader::new(&text, matrix, overrides, named, host).read()?;
        Ok(Self {
            frameworks: frameworks(manifest, &text, matrix)?,
            lines: Vec::new(),
            published: text.asked(manifest.python.exclude_newer.as_ref()),
            python: text.asked(manifest.python.version.as_ref()),
            requires_python: manifest.python.requires.as_ref().map(|requires| Asked {
                value: requires.request.clone(),
                origin: FactOrigin::File(requires.place.clone()),
            }),
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
    /// The request with what the lines of the project's files ask for. A framework that only a line names is asked for
    /// there; a companion that a line names is wanted with its framework.
    #[must_use]
    pub fn steered(mut self, lines: Vec<FrameworkLine>) -> Self {
        for line in lines.iter().filter(|line| line.asks) {
            let any = || Asked { value: VersionRequest::any(), origin: line.origin.clone() };
            let unasked = || FrameworkWish { version: any(), with: Vec::new(), gpu: true, variant: None };
            match &line.demand {
                LineDemand::Release { .. } => {
                    self.frameworks.entry(line.framework.clone()).or_insert_with(unasked);
                }
                LineDemand::Companion { name, .. } => {
                    let wish = self.frameworks.entry(line.framework.clone()).or_insert_with(unasked);
                    if !wish.with.contains(name) {
                        wish.with.push(name.clone());
                    }
                }
                LineDemand::Library { .. } | LineDemand::Index { .. } => {}
            }
        }
        self.lines = lines;
        self.lines.retain(|line| self.frameworks.contains_key(&line.framework));
        self
    }

    /// The reason why the machine has no usable GPU, if a GPU is wanted.
    pub(super) fn lacking_gpu(&self) -> Option<NoGpu> {
        self.target.no_gpu.filter(|_| matches!(self.gpu, GpuWish::Required(_)))
    }

    /// Whether a GPU is wanted and the machine has no usable one.
    pub(super) fn lacks_gpu(&self) -> bool {
        self.lacking_gpu().is_some()
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
        wishes.insert(id.clone(), FrameworkWish { version, with, gpu: located.value.gpu, variant: None });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Fact, FactOverrides};
    use crate::manifest::{Arch, Layer, LayerKind};
    use crate::resolve::{FactOrigin, TargetDriver};

    /// The driver and the architecture of a request, each with its origin.
    fn said(target: &str, overrides: &Overrides) -> [String; 2] {
        let text = format!("name = \"lab\"\n[frameworks]\npytorch = \"2.4\"\n{target}");
        let layer = Layer { path: "envctl.toml".into(), text, kind: LayerKind::Project };
        let manifest = Manifest::parse_layers(vec![layer]).unwrap();
        let mut host = HostFacts::unknown();
        host.driver = Some(Fact::new("550.54.14".parse().unwrap(), "NVML"));
        host.arch = Some(Fact::new(Arch::X86_64, "the kernel"));
        let target = Request::new(&manifest, Some(&host), overrides, &Matrix::embedded()).unwrap().target;
        let origin = |origin: &FactOrigin| match origin {
            FactOrigin::Manifest { place, .. } => place.clone().unwrap_or_default(),
            FactOrigin::CommandLine(by) => (*by).to_owned(),
            FactOrigin::Host(source) => source.clone(),
            other => format!("{other:?}"),
        };
        let driver = match &target.driver {
            TargetDriver::Version(driver) => format!("{} {}", driver.value, origin(&driver.origin)),
            other => format!("{other:?}"),
        };
        [driver, target.arch.map_or_else(String::new, |arch| format!("{} {}", arch.value, origin(&arch.origin)))]
    }

    #[test]
    fn the_command_line_wins_over_the_target_and_that_over_this_machine() {
        let target = "[target]\ndriver = \">=535.104.05\"\narch = \"aarch64\"\n";
        let driver = Some("570.26".parse().unwrap());
        let machine = FactOverrides { driver, arch: Some(Arch::Ppc64le), ..FactOverrides::default() };
        let line = Overrides { machine, ..Overrides::default() };
        let facts = Overrides { facts: true, ..Overrides::default() };
        let no_host = Overrides { no_host: true, ..Overrides::default() };
        assert_eq!(said("", &Overrides::default()), ["550.54.14 NVML", "x86_64 the kernel"]);
        assert_eq!(said("", &no_host), ["Open", ""]);
        assert_eq!(said(target, &Overrides::default()), ["535.104.05 envctl.toml:5", "aarch64 envctl.toml:6"]);
        assert_eq!(said(target, &facts), ["550.54.14 NVML", "x86_64 the kernel"]);
        assert_eq!(said(target, &line), ["570.26 --driver", "ppc64le --arch"]);
    }
}
