//! The shapes of the rows in `compat-matrix/`. Every row names its source and the day on which the source was read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{Arch, FrameworkId};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// Where a row's facts come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// A page, a file of a repository, or `wheel metadata of NAME`.
    pub source: String,
    /// The day it was read, `YYYY-MM-DD`.
    pub checked: String,
}

/// One CUDA toolkit minor release (`cuda.toml`, `[[cuda]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CudaRow {
    /// `12.4`
    pub version: CudaVersion,
    /// The release before this one, where the numbers leave one out: `12.6` for 12.8.
    pub after: Option<CudaVersion>,
    /// NVIDIA's minor-version floor; up to 10.2 the toolkit's own driver.
    pub driver_minimum: DriverVersion,
    /// The driver the full toolkit asks for; none where NVIDIA no longer names one.
    pub driver_toolkit: Option<DriverVersion>,
    /// CPU architectures its Linux toolkit is published for; empty: all that envctl knows.
    #[serde(default)]
    pub arch: Vec<Arch>,
    /// Drivers of the update releases: `12.4.1` → `550.54.15`.
    #[serde(default)]
    pub updates: BTreeMap<String, DriverVersion>,
    /// Each update has a driver floor of its own: there is no minor-version compatibility.
    #[serde(default)]
    pub own_floors: bool,
    /// Its libraries have names that those of a later minor release of the same major do not have.
    #[serde(default)]
    pub own_names: bool,
    /// Versions of the libraries in its newest update: `cudart` → `12.4.127`; empty where no meta package lists them.
    #[serde(default)]
    pub components: BTreeMap<String, String>,
    /// Why the figures are as they are, for `matrix show`.
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One compute capability (`capabilities.toml`, `[[capability]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CapabilityRow {
    pub capability: ComputeCapability,
    /// `Ampere`
    pub generation: String,
    /// The first toolkit that compiles for it.
    pub first_cuda: CudaVersion,
    /// The last one; none: still supported.
    pub last_cuda: Option<CudaVersion>,
    /// The first driver that runs it, where later than its CUDA's floor.
    pub first_driver: Option<DriverVersion>,
    /// The last driver branch that runs it (`470`); none: still supported.
    pub last_driver: Option<DriverVersion>,
    /// What the figures do not say.
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One GPU product (`gpus.toml`, `[[gpu]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GpuRow {
    /// As NVIDIA names it, without `NVIDIA` and `GeForce`: `RTX 3090`.
    pub name: String,
    /// Other usual spellings.
    #[serde(default)]
    pub aliases: Vec<String>,
    pub capability: ComputeCapability,
    /// `data-center`, `workstation`, `geforce`, `jetson`.
    pub segment: String,
    /// Part of a module with a processor of its own, so no card that could be put into another machine.
    #[serde(default)]
    pub integrated: bool,
    /// What the figure does not say (two chips under one name).
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One cuDNN minor release (`cudnn.toml`, `[[cudnn]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CudnnRow {
    /// `9.1`; `7.6.5` where it and the patch releases after it differ from the earlier ones.
    pub version: CudnnVersion,
    /// The CUDA releases it is built for, major (`12`) or minor (`10.2`).
    pub cuda: Vec<CudaVersion>,
    /// The lowest capability its kernels serve.
    pub lowest_capability: Option<ComputeCapability>,
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One distribution release (`distributions.toml`, `[[distribution]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DistributionRow {
    /// `ubuntu:24.04`
    pub id: String,
    /// The image that holds it, `ubuntu:24.04`.
    pub image: String,
    /// The archive's name for it: `noble`.
    pub codename: String,
    pub glibc: GlibcVersion,
    /// The Python it ships; none where it ships none that frameworks support.
    pub python: Option<PythonVersion>,
    /// Long-term support.
    #[serde(default)]
    pub lts: bool,
    /// Day of release, `YYYY-MM-DD`.
    pub released: String,
    /// Day after which its publisher ships no more updates, `YYYY-MM-DD`.
    pub end_of_life: Option<String>,
    /// Architectures its image exists for.
    pub arch: Vec<Arch>,
    /// Set when no archive serves it any more: the reason.
    pub unbuildable: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One family of published CUDA images (`images.toml`, `[[image]]`): a repository, a CUDA release and an OS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImageRow {
    /// `nvidia/cuda`
    pub repository: String,
    /// `12.4.1`
    pub cuda: CudaVersion,
    /// A distribution's id, `ubuntu:22.04`.
    pub os: String,
    /// Exact tags by flavour (`base`, `runtime`, `devel`, `cudnn-runtime`, `cudnn-devel`).
    pub tags: BTreeMap<String, String>,
    /// The cuDNN in the `cudnn-*` flavours.
    pub cudnn: Option<CudnnVersion>,
    /// The Python in a framework's own image.
    pub python: Option<PythonVersion>,
    /// Architectures.
    pub arch: Vec<Arch>,
    /// The framework release an image of that framework brings (`tensorflow 1.15.5`).
    pub framework: Option<String>,
    /// Set when the registry serves it no more: the reason.
    pub unbuildable: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One framework's file (`frameworks/ID.toml`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrameworkFile {
    /// What is true of every release.
    pub framework: FrameworkHead,
    /// Releases, oldest first.
    #[serde(rename = "release", default)]
    pub releases: Vec<ReleaseRow>,
}

/// What is true of every release of a framework.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrameworkHead {
    pub id: FrameworkId,
    /// Its distribution on the package index (`torch`).
    pub package: String,
    /// Other names people use for it (`torch`, `tf`): answered with the right one.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Distribution packages the import needs and the wheel does not bring (`libgomp1`).
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// Python requirements the import needs and the wheel does not declare.
    #[serde(default)]
    pub pins: Vec<String>,
    /// A few lines of Python that import it, compute something and print one line of JSON.
    pub verify: String,
    pub source: String,
    pub checked: String,
}

/// One release of a framework.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReleaseRow {
    pub version: ReleaseVersion,
    /// Day of publication, `YYYY-MM-DD`.
    pub released: Option<String>,
    /// Companion distributions that go with it: `torchvision` → `0.19.1`.
    #[serde(default)]
    pub companions: BTreeMap<String, String>,
    /// As in the head, for this release in addition.
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// As in the head, for this release in addition.
    #[serde(default)]
    pub pins: Vec<String>,
    /// Resolve dependencies as of this day, `YYYY-MM-DD`, where later releases of unpinned ones broke it.
    pub exclude_newer: Option<String>,
    /// Instead of the head's.
    pub verify: Option<String>,
    /// Set when no source can build it any more: the reason.
    pub unbuildable: Option<String>,
    /// Build variants; the publishers' default first.
    #[serde(rename = "build")]
    pub builds: Vec<BuildRow>,
    pub source: String,
    pub checked: String,
}

/// One build variant of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildRow {
    /// `cpu`, `cu121`, …
    pub variant: String,
    /// The exact distribution to install (`torch`, `tensorflow-gpu`, `mxnet-cu101`).
    pub package: String,
    /// Extras to install it with (`and-cuda`, `cuda12`).
    #[serde(default)]
    pub extras: Vec<String>,
    /// `default`, or the URL of the index that serves it, or of a page of links ([`is_page_of_links`]).
    pub index: String,
    /// What that index serves, when it is not the package with its companions: `jaxlib` for a `jax` of the default index.
    #[serde(default)]
    pub index_packages: Vec<String>,
    /// The local version label of the wheel (`cu118` in `2.4.1+cu118`); with a dot before it, the post release that the
    /// maker's index has instead (`.post120` in `2.6.2.post120`).
    pub local: Option<String>,
    /// The CUDA it is made for; none: a CPU build.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN it is made for: exact where the build pins it.
    pub cudnn: Option<CudnnVersion>,
    /// Where CUDA and cuDNN come from.
    #[serde(default)]
    pub libraries: Libraries,
    /// Capabilities that compiled code exists for; embedded PTX does not count. Empty: not published.
    #[serde(default)]
    pub capabilities: Vec<ComputeCapability>,
    /// The driver the maker's own page asks for, where it names one.
    pub driver_minimum: Option<DriverVersion>,
    /// The ranges it pins of shared `nvidia-*` packages: name → PEP 440 specifiers.
    #[serde(default)]
    pub shared: BTreeMap<String, String>,
    /// Pythons, architectures and glibc of its wheels.
    pub wheels: Vec<WheelRow>,
    /// Its makers serve it and do not name it among the builds of the release: taken where no other fits, or when asked for.
    #[serde(default)]
    pub unlisted: bool,
    /// Set when no source serves this variant any more: the reason.
    pub unbuildable: Option<String>,
    /// Where this variant's facts come from, when elsewhere than the release's.
    pub source: Option<String>,
}

impl FrameworkFile {
    /// The Python that imports a release and computes something; it prints one line of JSON.
    #[must_use]
    pub fn verify(&self, version: &ReleaseVersion) -> &str {
        let own = self.releases.iter().find(|release| release.version == *version);
        own.and_then(|release| release.verify.as_deref()).unwrap_or(&self.framework.verify)
    }
}

impl BuildRow {
    /// What follows the release's number in the wheel's.
    #[must_use]
    pub fn version_suffix(&self) -> String {
        suffix(self.local.as_deref())
    }
}

/// Whether an index is one page with a link to each wheel (pip's `--find-links`) and no PEP 503 index, which is a folder.
#[must_use]
pub fn is_page_of_links(index: &str) -> bool {
    std::path::Path::new(index).extension().is_some_and(|end| end.eq_ignore_ascii_case("html"))
}

/// What a variant's label adds to a release's number: `+cu118`, `.post120`, nothing.
#[must_use]
pub fn suffix(local: Option<&str>) -> String {
    match local {
        None => String::new(),
        Some(post) if post.starts_with('.') => post.to_owned(),
        Some(label) => format!("+{label}"),
    }
}

/// Who brings CUDA and cuDNN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Libraries {
    /// The wheel or its `nvidia-*` dependencies: a plain OS base is enough.
    #[default]
    Wheel,
    /// The system: an `nvidia/cuda` runtime base.
    System,
}

/// The wheels of one build for one architecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WheelRow {
    pub arch: Arch,
    /// Pythons with a wheel; free-threaded builds do not count.
    pub python: Vec<PythonVersion>,
    /// The lowest glibc it loads on (`manylinux` tag).
    pub glibc: GlibcVersion,
}
