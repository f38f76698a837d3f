//! The decisions of the resolver. They contain no notes, no reasons, and nothing that the compatibility data can give
//! again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// The choices of the resolver: a lock keeps them, and packages and image are made from them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// In the order of their ids.
    pub frameworks: Vec<DecidedFramework>,
    pub python: PythonVersion,
    pub python_source: PythonSource,
    /// The CUDA release of the framework that sets the driver floor; none: a CPU environment.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN release that comes with that CUDA.
    pub cudnn: Option<CudnnVersion>,
    pub arch: Arch,
    /// The oldest drivers that run it; none: a CPU environment.
    pub driver: Option<DriverFloors>,
    /// The compute capabilities that every framework has code for.
    pub compute_capability: Vec<ComputeCapability>,
    /// A distribution's id; none with an image of the user's own.
    pub os: Option<String>,
    pub base_image: String,
    pub toolkit: Toolkit,
    /// The C library of the base; none with an image of the user's own.
    pub glibc: Option<GlibcVersion>,
}

/// One framework's build, and what is installed with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecidedFramework {
    pub name: FrameworkId,
    pub version: ReleaseVersion,
    /// The Python distribution: `torch`.
    pub package: String,
    /// The build's name in the compatibility data: `cu121`.
    pub variant: String,
    /// `default`, or the URL of an index or a page of links.
    pub index: String,
    /// What that index serves, when it is not the package with its companions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index_packages: Vec<String>,
    pub cuda: Option<CudaVersion>,
    pub cudnn: Option<CudnnVersion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// The wheel's local version label: `cu118`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// Companions with their exact versions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// Distribution packages that its import needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system_packages: Vec<String>,
    /// Python requirements that its import needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// Nothing published after this day is installed with it, `YYYY-MM-DD`.
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
