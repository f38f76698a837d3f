//! The lock file of version 1: the struct that `check --json` printed then. It has keys in two styles, and texts that
//! decide nothing (`verify`, notes, reasons). This file reads its decisions into the current shape.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::shape::{
    BaseShape, CudaShape, DriverShape, FrameworkShape, Index, InputShape, LockShape, PackageShape, PythonShape,
    TargetShape,
};
use crate::manifest::{
    Arch, BaseName, Date, Digest, FrameworkId, ImageReference, Label, Line, PackageName, Requirement, SystemPackage,
    Toolkit,
};
use crate::resolve::PythonSource;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, GlibcVersion, PythonVersion, ReleaseVersion};

/// The complete file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LockShapeV1 {
    version: u32,
    #[serde(rename = "envctl")]
    _envctl: Line,
    #[serde(rename = "matrix")]
    _matrix: Line,
    base_digest: Option<Digest>,
    inputs: BTreeMap<Line, InputShape>,
    target: TargetShape,
    resolution: ResolutionShapeV1,
    #[serde(rename = "package", default)]
    packages: Vec<PackageShape>,
}

/// `[resolution]`, only the fields that decide something.
#[derive(Clone, Debug, Deserialize)]
struct ResolutionShapeV1 {
    frameworks: Vec<FrameworkShapeV1>,
    python: PythonVersion,
    python_source: PythonSource,
    cuda: Option<CudaVersion>,
    cudnn: Option<CudnnVersion>,
    arch: Arch,
    driver: Option<DriverShape>,
    compute_capability: Vec<ComputeCapability>,
    os: Option<Spanned<BaseName>>,
    base_image: Spanned<ImageReference>,
    toolkit: Toolkit,
    glibc: Option<GlibcVersion>,
}

/// `[[resolution.frameworks]]`, only the fields that decide something.
#[derive(Clone, Debug, Deserialize)]
struct FrameworkShapeV1 {
    name: Spanned<FrameworkId>,
    version: Spanned<ReleaseVersion>,
    package: Spanned<PackageName>,
    variant: Label,
    index: Spanned<Index>,
    #[serde(default)]
    index_packages: Vec<Spanned<PackageName>>,
    cuda: Option<CudaVersion>,
    cudnn: Option<CudnnVersion>,
    #[serde(default)]
    extras: Vec<Spanned<Label>>,
    local: Option<Label>,
    #[serde(default)]
    with: BTreeMap<PackageName, Spanned<Label>>,
    #[serde(default)]
    system_packages: Vec<Spanned<SystemPackage>>,
    #[serde(default)]
    pins: Vec<Spanned<Requirement>>,
    exclude_newer: Option<Date>,
}

impl From<LockShapeV1> for LockShape {
    fn from(lock: LockShapeV1) -> Self {
        let LockShapeV1 { version, _envctl, _matrix, base_digest, inputs, target, resolution, packages } = lock;
        Self {
            version,
            inputs,
            target,
            base: BaseShape {
                os: resolution.os,
                image: resolution.base_image,
                digest: base_digest,
                arch: resolution.arch,
                glibc: resolution.glibc,
                toolkit: resolution.toolkit,
            },
            python: PythonShape { version: resolution.python, source: resolution.python_source },
            cuda: CudaShape {
                version: resolution.cuda,
                cudnn: resolution.cudnn,
                capabilities: resolution.compute_capability,
                driver: resolution.driver,
            },
            frameworks: resolution.frameworks.into_iter().map(FrameworkShape::from).collect(),
            packages,
            builds: Vec::new(),
            system_packages: Vec::new(),
        }
    }
}

impl From<FrameworkShapeV1> for FrameworkShape {
    fn from(framework: FrameworkShapeV1) -> Self {
        Self {
            name: framework.name,
            version: framework.version,
            package: framework.package,
            variant: framework.variant,
            index: framework.index,
            index_packages: framework.index_packages,
            cuda: framework.cuda,
            cudnn: framework.cudnn,
            extras: framework.extras,
            local: framework.local,
            with: framework.with,
            system_packages: framework.system_packages,
            pins: framework.pins,
            exclude_newer: framework.exclude_newer,
        }
    }
}
