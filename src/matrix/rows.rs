//! The shapes of the rows in `compat-matrix/`. Every row names its source and the day on which the source was read.
//!
//! Unknown fields are refused, so that a mistyped field is an error and not a missing fact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{Arch, FrameworkId};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// The source of a row's facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// A page, a file of a repository, or `wheel metadata of NAME`.
    pub source: String,
    /// The day on which the source was read, `YYYY-MM-DD`.
    pub checked: String,
}

/// One CUDA toolkit minor release (`cuda.toml`, `[[cuda]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CudaRow {
    /// `12.4`
    pub version: CudaVersion,
    /// The release before this one, if the numbers have a gap: `12.6` for 12.8.
    pub after: Option<CudaVersion>,
    /// NVIDIA's driver floor for the minor version; up to 10.2, the driver of the toolkit itself.
    pub driver_minimum: DriverVersion,
    /// The driver that the complete toolkit requires. `None`: NVIDIA no longer names one.
    pub driver_toolkit: Option<DriverVersion>,
    /// The CPU architectures of its Linux toolkit. Empty: all that envctl knows.
    #[serde(default)]
    pub arch: Vec<Arch>,
    /// Drivers of the update releases: `12.4.1` → `550.54.15`.
    #[serde(default)]
    pub updates: BTreeMap<String, DriverVersion>,
    /// Whether each update has its own driver floor, that is, no minor-version compatibility.
    #[serde(default)]
    pub own_floors: bool,
    /// Whether its libraries have names that later minor releases of the same major do not have.
    #[serde(default)]
    pub own_names: bool,
    /// Library versions in its newest update: `cudart` → `12.4.127`. Empty: no meta package lists them.
    #[serde(default)]
    pub components: BTreeMap<String, String>,
    /// The reason for the figures, for `matrix show`.
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One compute capability (`capabilities.toml`, `[[capability]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CapabilityRow {
    pub capability: ComputeCapability,
    /// The name of the generation, `Ampere`.
    pub generation: String,
    /// The first toolkit that compiles for it.
    pub first_cuda: CudaVersion,
    /// The last toolkit that compiles for it. `None`: still supported.
    pub last_cuda: Option<CudaVersion>,
    /// The first driver that runs it, if that is later than the floor of its CUDA.
    pub first_driver: Option<DriverVersion>,
    /// The last driver branch that runs it (`470`). `None`: still supported.
    pub last_driver: Option<DriverVersion>,
    /// Whether its GPUs are part of a Tegra (Jetson, DRIVE). Compiled code is not compatible between such a GPU and any
    /// other.
    #[serde(default)]
    pub tegra: bool,
    /// Additional facts in words.
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One GPU product (`gpus.toml`, `[[gpu]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GpuRow {
    /// NVIDIA's name without `NVIDIA` and `GeForce`: `RTX 3090`.
    pub name: String,
    /// Other common spellings.
    #[serde(default)]
    pub aliases: Vec<String>,
    pub capability: ComputeCapability,
    /// The market segment: `data-center`, `workstation`, `geforce`, `jetson`.
    pub segment: String,
    /// The first driver that runs it, if that is later than the first one of its capability.
    pub first_driver: Option<DriverVersion>,
    /// Whether it is part of a module with a processor, so that no other machine can get it as a card.
    #[serde(default)]
    pub integrated: bool,
    /// Additional facts in words (two chips under one name).
    pub note: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One cuDNN minor release (`cudnn.toml`, `[[cudnn]]`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CudnnRow {
    /// The release, `9.1`. A patch release such as `7.6.5` has a row if it and later ones differ from the earlier ones.
    pub version: CudnnVersion,
    /// The CUDA releases of its builds, major (`12`) or minor (`10.2`).
    pub cuda: Vec<CudaVersion>,
    /// The lowest capability that its kernels support.
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
    /// The image of the distribution, `ubuntu:24.04`.
    pub image: String,
    /// The release name in the package archive: `noble`.
    pub codename: String,
    pub glibc: GlibcVersion,
    /// The Python of the distribution. `None`: it has none that frameworks support.
    pub python: Option<PythonVersion>,
    /// Whether it has long-term support.
    #[serde(default)]
    pub lts: bool,
    /// The day of release, `YYYY-MM-DD`.
    pub released: String,
    /// The day after which the publisher provides no more updates, `YYYY-MM-DD`.
    pub end_of_life: Option<String>,
    /// The architectures of its image.
    pub arch: Vec<Arch>,
    /// The reason why it cannot be built. It is set when no archive serves the distribution any more.
    pub unbuildable: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One family of published CUDA images (`images.toml`, `[[image]]`): a repository, a CUDA release and a distribution.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImageRow {
    /// `nvidia/cuda`
    pub repository: String,
    /// `12.4.1`
    pub cuda: CudaVersion,
    /// A distribution's id, `ubuntu:22.04`.
    pub os: String,
    /// The exact tags by flavour (`base`, `runtime`, `devel`, `cudnn-runtime`, `cudnn-devel`).
    pub tags: BTreeMap<String, String>,
    /// The cuDNN in the `cudnn-*` flavours.
    pub cudnn: Option<CudnnVersion>,
    /// The Python in a framework's own image.
    pub python: Option<PythonVersion>,
    /// Architectures.
    pub arch: Vec<Arch>,
    /// The framework release in an image of that framework (`tensorflow 1.15.5`).
    pub framework: Option<String>,
    /// The reason why it cannot be used. It is set when the registry serves the image no more.
    pub unbuildable: Option<String>,
    pub source: String,
    pub checked: String,
}

/// One framework's file (`frameworks/ID.toml`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrameworkFile {
    /// The facts that apply to every release.
    pub framework: FrameworkHead,
    /// Releases, oldest first.
    #[serde(rename = "release", default)]
    pub releases: Vec<ReleaseRow>,
}

/// The facts that apply to every release of a framework.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrameworkHead {
    pub id: FrameworkId,
    /// Its distribution on the package index (`torch`).
    pub package: String,
    /// Other names for it (`torch`, `tf`). A manifest with one of them gets an error with the right name.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Distribution packages that the import needs and that the wheel does not contain (`libgomp1`).
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// Python requirements that the import needs and that the wheel does not declare.
    #[serde(default)]
    pub pins: Vec<String>,
    /// Some lines of Python that import the framework, compute a value and print one line of JSON.
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
    /// The companion distributions of this release: `torchvision` → `0.19.1`.
    #[serde(default)]
    pub companions: BTreeMap<String, String>,
    /// Distribution packages for this release, in addition to the head's.
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// Python requirements for this release, in addition to the head's.
    #[serde(default)]
    pub pins: Vec<String>,
    /// The day as of which dependencies are resolved, `YYYY-MM-DD`, because later releases of an unpinned one break
    /// this release.
    pub exclude_newer: Option<String>,
    /// The Python lines for this release, in place of the head's.
    pub verify: Option<String>,
    /// The reason why it cannot be built. It is set when no source can build the release any more.
    pub unbuildable: Option<String>,
    /// The requirements of its builds on packages that other frameworks also require. `None`: unknown.
    pub requires: Option<Vec<RequirementRow>>,
    /// The build variants, the publisher's default first.
    #[serde(rename = "build")]
    pub builds: Vec<BuildRow>,
    pub source: String,
    pub checked: String,
}

/// One build variant of a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildRow {
    /// The variant's name: `cpu`, `cu121`, …
    pub variant: String,
    /// The exact distribution to install (`torch`, `tensorflow-gpu`, `mxnet-cu101`).
    pub package: String,
    /// The extras of the installation (`and-cuda`, `cuda12`).
    #[serde(default)]
    pub extras: Vec<String>,
    /// `default`, or the URL of the index with this build, or of a page of links ([`is_page_of_links`]).
    pub index: String,
    /// The packages that come from that index, if not the package and its companions: `jaxlib` for a `jax` of the
    /// default index.
    #[serde(default)]
    pub index_packages: Vec<String>,
    /// The local version label of the wheel (`cu118` in `2.4.1+cu118`). With a dot before it, it is the post release
    /// that the publisher's index uses (`.post120` in `2.6.2.post120`).
    pub local: Option<String>,
    /// The CUDA of the build. `None`: a CPU build.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN of the build, exact if the build pins it.
    pub cudnn: Option<CudnnVersion>,
    /// The source of CUDA and cuDNN.
    #[serde(default)]
    pub libraries: Libraries,
    /// Capabilities with compiled code; embedded PTX does not count. Empty: not published.
    #[serde(default)]
    pub capabilities: Vec<ComputeCapability>,
    /// The driver that the publisher's own page requires, if the page names one.
    pub driver_minimum: Option<DriverVersion>,
    /// The ranges that the build pins of shared `nvidia-*` packages: name → PEP 440 specifiers. Empty: it pins none.
    /// `None`: unknown, or none because the system has the libraries.
    pub shared: Option<BTreeMap<String, String>>,
    /// Its requirements, if they differ from those of the release.
    pub requires: Option<Vec<RequirementRow>>,
    /// The day from which all of its wheels were published, `YYYY-MM-DD`, if that is later than `released`.
    pub uploaded: Option<String>,
    /// The Pythons, architectures and glibc of its wheels.
    pub wheels: Vec<WheelRow>,
    /// Whether the publisher serves the build but does not list it. Such a build is used if no other fits or on
    /// request.
    #[serde(default)]
    pub unlisted: bool,
    /// The reason why it cannot be built. It is set when no source serves this variant any more.
    pub unbuildable: Option<String>,
    /// The source of this variant's facts, if it is not the source of the release.
    pub source: Option<String>,
}

impl FrameworkFile {
    /// The Python code that imports a release and computes a value. It prints one line of JSON.
    #[must_use]
    pub fn verify(&self, version: &ReleaseVersion) -> &str {
        let own = self.releases.iter().find(|release| release.version == *version);
        own.and_then(|release| release.verify.as_deref()).unwrap_or(&self.framework.verify)
    }
}

/// Requirements that hold for some Pythons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RequirementRow {
    /// The Pythons. Empty: all of the build.
    #[serde(default)]
    pub python: Vec<PythonVersion>,
    /// The ranges: name → PEP 440 specifiers.
    pub packages: BTreeMap<String, String>,
}

impl BuildRow {
    /// The pins of shared `nvidia-*` packages. A build with libraries of the system, or for the CPU, has none.
    ///
    /// `None`: the pins are unknown.
    #[must_use]
    pub fn pins(&self) -> Option<&BTreeMap<String, String>> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        let needs_none = self.cuda.is_none() || self.libraries == Libraries::System;
        self.shared.as_ref().or(needs_none.then_some(&NONE))
    }

    /// The part of the wheel's version after the release number.
    #[must_use]
    pub fn version_suffix(&self) -> String {
        suffix(self.local.as_deref())
    }
}

/// Whether an index is one page with a link to each wheel (pip's `--find-links`) and not a PEP 503 index, which is a
/// folder.
#[must_use]
pub fn is_page_of_links(index: &str) -> bool {
    std::path::Path::new(index).extension().is_some_and(|end| end.eq_ignore_ascii_case("html"))
}

/// The text that a variant's label adds to a release number: `+cu118`, `.post120` or nothing.
#[must_use]
pub fn suffix(local: Option<&str>) -> String {
    match local {
        None => String::new(),
        Some(post) if post.starts_with('.') => post.to_owned(),
        Some(label) => format!("+{label}"),
    }
}

/// The provider of CUDA and cuDNN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Libraries {
    /// The wheel or its `nvidia-*` dependencies. A plain base is enough.
    #[default]
    Wheel,
    /// The system. The base must be an `nvidia/cuda` runtime image.
    System,
}

/// The wheels of one build for one architecture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WheelRow {
    pub arch: Arch,
    /// The Pythons with a wheel. Free-threaded builds do not count.
    pub python: Vec<PythonVersion>,
    /// The lowest glibc that can load it (`manylinux` tag).
    pub glibc: GlibcVersion,
}
