//! What the resolver answers: what was decided, whether it can be built, and what there is to say of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::notes::Note;
use super::reasons::ChoiceReason;
use super::unbuildable::Unbuildable;
use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// What was decided. `check --json` prints it with the words for whether it can be built, its notes and its reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// Why today's sources can't build it; none: they can.
    #[serde(skip)]
    pub unbuildable: Option<Unbuildable>,
    /// What a person should know of it.
    #[serde(skip)]
    pub notes: Vec<Note>,
    /// Why each thing was chosen.
    #[serde(skip)]
    pub reasons: Vec<ChoiceReason>,
}

/// One framework as decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResolvedFramework {
    pub name: FrameworkId,
    pub version: ReleaseVersion,
    pub package: String,
    pub variant: String,
    /// `default`, or the URL of an index or a page of links.
    pub index: String,
    /// What that index serves, when it is not the package with its companions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index_packages: Vec<String>,
    pub cuda: Option<CudaVersion>,
    pub cudnn: Option<CudnnVersion>,
    pub capabilities: Vec<ComputeCapability>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// The wheel's local version label (`cu118`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// Companions with their exact versions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Distribution packages its import needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system_packages: Vec<String>,
    /// Python requirements its import needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// Dependencies as of this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_newer: Option<String>,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriverFloors {
    /// NVIDIA's minor-version floor, or the vendor's own figure.
    pub minimum: DriverVersion,
    /// The full toolkit's driver, where NVIDIA names one.
    pub toolkit: Option<DriverVersion>,
}
