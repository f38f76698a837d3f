//! What the resolver answers: what was decided, whether it can be built, and what there is to say of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decision::{DecidedFramework, Decision, DriverFloors, PythonSource};
use super::notes::Note;
use super::reasons::ChoiceReason;
use super::unbuildable::Unbuildable;
use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, GlibcVersion, PythonVersion, ReleaseVersion};

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

impl From<Resolution> for Decision {
    fn from(resolution: Resolution) -> Self {
        let Resolution {
            frameworks,
            python,
            python_source,
            cuda,
            cudnn,
            arch,
            driver,
            compute_capability,
            os,
            base_image,
            toolkit,
            glibc,
            unbuildable: _,
            notes: _,
            reasons: _,
        } = resolution;
        Self {
            frameworks: frameworks.into_iter().map(DecidedFramework::from).collect(),
            python,
            python_source,
            cuda,
            cudnn,
            arch,
            driver,
            compute_capability,
            os,
            base_image,
            toolkit,
            glibc,
        }
    }
}

impl From<ResolvedFramework> for DecidedFramework {
    fn from(framework: ResolvedFramework) -> Self {
        let ResolvedFramework {
            name,
            version,
            package,
            variant,
            index,
            index_packages,
            cuda,
            cudnn,
            capabilities: _,
            extras,
            local,
            with,
            system_packages,
            pins,
            exclude_newer,
        } = framework;
        Self {
            name,
            version,
            package,
            variant,
            index,
            index_packages,
            cuda,
            cudnn,
            extras,
            local,
            with,
            system_packages,
            pins,
            exclude_newer,
        }
    }
}
