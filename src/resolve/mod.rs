//! (Request, Matrix) → Resolution | Conflict. Pure: same input, same bytes. Complete over all candidates before it says
//! no, and every suggestion it makes was resolved first.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::manifest::{Arch, FrameworkId, PackageName, Toolkit};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
    VersionRequest,
};

/// Something asked for or found, with who says so: what a conflict is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<T> {
    /// The value.
    pub value: T,
    /// `envctl.toml:4`, `--driver`, `NVML`, …
    pub source: String,
    /// Where in the manifest, if there.
    pub span: Option<Range<usize>>,
}

/// Everything that decides. Made from a manifest, host facts and command-line overrides by `Request::new`.
#[derive(Clone, Debug)]
pub struct Request {
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

/// One framework asked for.
#[derive(Clone, Debug)]
pub struct FrameworkWish {
    /// Which releases.
    pub version: Asked<VersionRequest>,
    /// Companion distributions.
    pub with: Vec<PackageName>,
}

/// The base asked for.
#[derive(Clone, Debug)]
pub enum Base {
    /// None: the resolver chooses.
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
#[derive(Clone, Debug, Default)]
pub struct TargetFacts {
    /// The lowest driver.
    pub driver: TargetDriver,
    /// Every GPU; empty where that is left open or there is none.
    pub gpus: Vec<Asked<TargetGpu>>,
    /// CPU architecture; none: x86_64.
    pub arch: Option<Asked<Arch>>,
    /// Whether these are this host's own facts rather than named ones.
    pub is_host: bool,
}

/// What is known of the target's driver.
#[derive(Clone, Debug, Default)]
pub enum TargetDriver {
    /// Left open: any driver.
    #[default]
    Open,
    /// This machine was looked at and has none.
    Missing {
        /// How that was learned.
        source: String,
    },
    /// This one.
    Version(Asked<DriverVersion>),
}

/// A GPU of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGpu {
    /// As named: `RTX 3090` or `8.6`.
    pub name: String,
    /// Its capability.
    pub capability: ComputeCapability,
}

/// What was decided. Its JSON is the contract of `check --json`; what scripts do not need is not serialised there but is in
/// the lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// In the order of their ids.
    pub frameworks: Vec<ResolvedFramework>,
    pub python: PythonVersion,
    pub python_source: PythonSource,
    /// Of the framework that sets the driver floor; none: a CPU environment.
    pub cuda: Option<CudaVersion>,
    pub cudnn: Option<CudnnVersion>,
    pub arch: Arch,
    pub driver: Option<DriverFloors>,
    /// The compiled capabilities that every framework has.
    pub compute_capability: Vec<ComputeCapability>,
    /// A distribution's id; none with an image of the user's own.
    pub os: Option<String>,
    pub base_image: String,
    pub toolkit: Toolkit,
    /// The C library of the base, for the Python closure's platform.
    pub glibc: Option<GlibcVersion>,
    pub buildable: Buildable,
    pub notes: Vec<String>,
    pub reasons: Vec<Reason>,
}

/// One framework as decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResolvedFramework {
    pub name: FrameworkId,
    pub version: ReleaseVersion,
    pub package: String,
    pub variant: String,
    pub index: String,
    pub cuda: Option<CudaVersion>,
    pub cudnn: Option<CudnnVersion>,
    pub capabilities: Vec<ComputeCapability>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// The wheel's local version label (`cu118`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// Companions with their exact versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Distribution packages its import needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub system_packages: Vec<String>,
    /// Python requirements its import needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// Dependencies as of this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_newer: Option<String>,
    /// Python that imports it and computes something.
    pub verify: String,
}

/// Where Python comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PythonSource {
    /// The base's own package.
    Distribution,
    /// A build that uv manages.
    Managed,
    /// Whatever the user's own image brings.
    Image,
}

/// The drivers that a resolution needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverFloors {
    /// NVIDIA's minor-version floor, or the vendor's own figure.
    pub minimum: DriverVersion,
    /// The full toolkit's driver, where NVIDIA names one.
    pub toolkit: Option<DriverVersion>,
}

/// Whether today's sources can build it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buildable {
    pub ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why one thing was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `pytorch`, `python`, `base`, …
    pub what: String,
    /// The value chosen.
    pub value: String,
    /// A sentence.
    pub why: String,
}

/// Nothing fits: a minimal set of facts. Take any one away and a solution exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// All, when several independent reasons hold.
    pub kinds: Vec<ConflictKind>,
    pub message: String,
    pub facts: Vec<ConflictFact>,
    /// Ranked by least change; each was resolved.
    pub suggestions: Vec<Suggestion>,
}

/// One clashing fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFact {
    pub what: String,
    pub value: String,
    pub source: String,
    /// Where in the manifest.
    #[serde(skip)]
    pub span: Option<Range<usize>>,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What to change, for people.
    pub change: String,
    /// The whole manifest after the change.
    pub manifest: String,
    /// What it assumes of the host, when the host is what has to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<SuggestedTarget>,
}

/// Host facts that a suggestion assumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedTarget {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverVersion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compute_capability: Vec<ComputeCapability>,
}

/// The kinds of conflict: a contract that people script against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    DriverTooOld,
    DriverTooNew,
    GpuMissing,
    NoSuchVersion,
    PythonUnsupported,
    GpuArchUnsupported,
    CudaUnsupported,
    CudnnMismatch,
    GlibcTooOld,
    ArchUnsupported,
    NoBaseImage,
    PackageConflict,
}
