//! The decisions of the resolver. They contain no notes, no reasons, and nothing that the compatibility data can give
//! again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{Arch, FrameworkId, Toolkit};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// The choices of the resolver. A lock keeps them, and the packages and the image follow from them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The frameworks, in the order of their IDs.
    pub frameworks: Vec<DecidedFramework>,
    pub python: PythonVersion,
    pub python_source: PythonSource,
    /// The CUDA release of the framework that sets the driver floor; none: a CPU environment.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN release that comes with that CUDA.
    pub cudnn: Option<CudnnVersion>,
    pub arch: Arch,
    /// The oldest drivers that run the environment; none: a CPU environment.
    pub driver: Option<DriverFloors>,
    /// The compute capabilities with compiled code in every framework.
    pub compute_capability: Vec<ComputeCapability>,
    /// The ID of the distribution; none: the user's own image.
    pub os: Option<String>,
    pub base_image: String,
    pub toolkit: Toolkit,
    /// The C library of the base; none: the user's own image.
    pub glibc: Option<GlibcVersion>,
}

/// One framework's build, with the packages that install with it.
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
    /// The packages that the index serves, if they are not the package and its companions.
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
    /// The distribution packages that the framework needs at import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub system_packages: Vec<String>,
    /// The Python requirements that the framework needs at import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<String>,
    /// The last day of publication for packages that install with the framework, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_newer: Option<String>,
}

/// The source of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PythonSource {
    /// The base's own package.
    Distribution,
    /// A build that uv manages.
    Managed,
    /// The Python of the user's own image.
    Image,
}

/// The drivers that a resolution needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriverFloors {
    /// NVIDIA's minor-version floor, or the figure of the framework's makers.
    pub minimum: DriverVersion,
    /// The driver of the full toolkit, if NVIDIA names one.
    pub toolkit: Option<DriverVersion>,
}
