//! A lock's file as it is written, each field of the type that only a well-formed text makes, with its place. A lock comes
//! with a project: no field of it may hold a line break, an option of a program or an address with a password.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Lock, LockedPackage, LockedTarget};
use crate::manifest::{
    Arch, BaseName, Date, Digest, FrameworkId, ImageReference, Label, Line, PackageName, Requirement, SystemPackage,
    Toolkit, Url, ValueError,
};
use crate::resolve::{Buildable, DriverFloors, PythonSource, Resolution, ResolvedFramework};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, GlibcVersion, PythonVersion, ReleaseVersion};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LockShape {
    version: u32,
    envctl: Line,
    matrix: Line,
    base_digest: Option<Digest>,
    inputs: BTreeMap<Line, Line>,
    target: TargetShape,
    pub(super) resolution: ResolutionShape,
    #[serde(rename = "package", default)]
    pub(super) packages: Vec<PackageShape>,
}

/// `[target]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TargetShape {
    from: Line,
    driver: Option<Line>,
    #[serde(default)]
    gpus: Vec<Line>,
}

/// `[resolution]`. Its notes and reasons are not read: they decide nothing.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ResolutionShape {
    pub(super) frameworks: Vec<FrameworkShape>,
    python: PythonVersion,
    python_source: PythonSource,
    cuda: Option<CudaVersion>,
    cudnn: Option<CudnnVersion>,
    arch: Arch,
    driver: Option<DriverFloors>,
    compute_capability: Vec<ComputeCapability>,
    pub(super) os: Option<Spanned<BaseName>>,
    pub(super) base_image: Spanned<ImageReference>,
    toolkit: Toolkit,
    glibc: Option<GlibcVersion>,
    buildable: BuildableShape,
}

/// `[[resolution.frameworks]]`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct FrameworkShape {
    pub(super) name: Spanned<FrameworkId>,
    pub(super) version: Spanned<ReleaseVersion>,
    pub(super) package: Spanned<PackageName>,
    variant: Label,
    pub(super) index: Spanned<Index>,
    #[serde(default)]
    pub(super) index_packages: Vec<Spanned<PackageName>>,
    cuda: Option<CudaVersion>,
    cudnn: Option<CudnnVersion>,
    capabilities: Vec<ComputeCapability>,
    #[serde(default)]
    pub(super) extras: Vec<Spanned<Label>>,
    local: Option<Label>,
    #[serde(default)]
    pub(super) with: BTreeMap<PackageName, Spanned<Label>>,
    #[serde(default)]
    pub(super) system_packages: Vec<Spanned<SystemPackage>>,
    #[serde(default)]
    pub(super) pins: Vec<Spanned<Requirement>>,
    exclude_newer: Option<Date>,
    pub(super) verify: String,
}

#[derive(Clone, Debug, Deserialize)]
struct BuildableShape {
    ok: bool,
    reason: Option<Line>,
}

/// `[[package]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PackageShape {
    pub(super) name: Spanned<PackageName>,
    pub(super) version: Spanned<LockedVersion>,
    pub(super) url: Option<Spanned<Url>>,
    pub(super) index: Spanned<Index>,
    /// Checked by [`Self::wrong_hash`], because each has a line of its own.
    hashes: Vec<Spanned<String>>,
    #[serde(default)]
    via: Vec<Line>,
}

/// `default`, or an index's or a page's address.
#[derive(Clone, Debug)]
pub(super) enum Index {
    Default,
    At(Url),
}

impl Index {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Default => crate::packages::DEFAULT_INDEX,
            Self::At(url) => url.as_str(),
        }
    }
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == crate::packages::DEFAULT_INDEX {
            return Ok(Self::Default);
        }
        text.parse().map(Self::At).map_err(serde::de::Error::custom)
    }
}

/// PEP 440 as it is written; empty for an artefact that has an address.
#[derive(Clone, Debug)]
pub(super) struct LockedVersion(String);

impl<'de> Deserialize<'de> for LockedVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.parse::<Label>().is_ok() && text.parse::<ReleaseVersion>().is_ok() {
            return Ok(Self(text));
        }
        let error = crate::version::VersionError { text, what: "a version of a package", sample: "2.4.1" };
        Err(serde::de::Error::custom(error))
    }
}

impl LockShape {
    /// How long the longest of the lists is that are compared with the data's.
    pub(super) fn longest_list(&self) -> usize {
        let frameworks = &self.resolution.frameworks;
        let lists = frameworks.iter().flat_map(|one| {
            let FrameworkShape { index_packages, extras, with, system_packages, pins, .. } = one;
            [index_packages.len(), extras.len(), with.len(), system_packages.len(), pins.len()]
        });
        lists.chain([frameworks.len()]).max().unwrap_or_default()
    }

    /// The first package with the name of one before it.
    pub(super) fn repeated_package(&self) -> Option<&PackageShape> {
        let mut names = BTreeSet::new();
        self.packages.iter().find(|package| !names.insert(package.name.get_ref().as_str()))
    }

    /// The lock that is written here.
    pub(super) fn lock(&self) -> Lock {
        let Self { version, envctl, matrix, base_digest, inputs, target, resolution, packages } = self;
        Lock {
            version: *version,
            envctl: envctl.to_string(),
            matrix: matrix.to_string(),
            base_digest: base_digest.as_ref().map(ToString::to_string),
            inputs: inputs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            target: target.target(),
            resolution: resolution.resolution(),
            packages: packages.iter().map(PackageShape::package).collect(),
        }
    }
}

impl TargetShape {
    fn target(&self) -> LockedTarget {
        let Self { from, driver, gpus } = self;
        LockedTarget { from: from.to_string(), driver: driver.as_ref().map(ToString::to_string), gpus: texts(gpus) }
    }
}

impl ResolutionShape {
    fn resolution(&self) -> Resolution {
        let shape = self.clone();
        Resolution {
            frameworks: shape.frameworks.into_iter().map(FrameworkShape::framework).collect(),
            python: shape.python,
            python_source: shape.python_source,
            cuda: shape.cuda,
            cudnn: shape.cudnn,
            arch: shape.arch,
            driver: shape.driver,
            compute_capability: shape.compute_capability,
            os: shape.os.map(|os| os.get_ref().to_string()),
            base_image: shape.base_image.get_ref().to_string(),
            toolkit: shape.toolkit,
            glibc: shape.glibc,
            buildable: Buildable {
                ok: shape.buildable.ok,
                reason: shape.buildable.reason.map(|reason| reason.to_string()),
            },
            notes: Vec::new(),
            reasons: Vec::new(),
        }
    }
}

impl FrameworkShape {
    fn framework(self) -> ResolvedFramework {
        ResolvedFramework {
            name: self.name.into_inner(),
            version: self.version.into_inner(),
            package: self.package.get_ref().to_string(),
            variant: self.variant.to_string(),
            index: self.index.get_ref().as_str().to_owned(),
            index_packages: spanned_texts(&self.index_packages),
            cuda: self.cuda,
            cudnn: self.cudnn,
            capabilities: self.capabilities,
            extras: spanned_texts(&self.extras),
            local: self.local.map(|local| local.to_string()),
            with: self.with.iter().map(|(name, version)| (name.to_string(), version.get_ref().to_string())).collect(),
            system_packages: spanned_texts(&self.system_packages),
            pins: spanned_texts(&self.pins),
            exclude_newer: self.exclude_newer.map(|day| day.to_string()),
            verify: self.verify,
        }
    }
}

impl PackageShape {
    /// The first hash that is none, and its place.
    pub(super) fn wrong_hash(&self) -> Option<(ValueError, Range<usize>)> {
        self.hashes.iter().find_map(|hash| Some((hash.get_ref().parse::<Digest>().err()?, hash.span())))
    }

    /// It is either a version of an index or an artefact with an address.
    pub(super) fn lacks_a_source(&self) -> bool {
        self.version.get_ref().0.is_empty() != self.url.is_some()
    }

    fn package(&self) -> LockedPackage {
        LockedPackage {
            name: self.name.get_ref().to_string(),
            version: self.version.get_ref().0.clone(),
            url: self.url.as_ref().map(|url| url.get_ref().to_string()),
            index: self.index.get_ref().as_str().to_owned(),
            hashes: spanned_texts(&self.hashes),
            via: texts(&self.via),
        }
    }
}

fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn spanned_texts(values: &[Spanned<impl ToString>]) -> Vec<String> {
    values.iter().map(|value| value.get_ref().to_string()).collect()
}
