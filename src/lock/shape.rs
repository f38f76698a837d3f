//! The lock file of version 2. Each field has a type that only well-formed text can make, and a span.
//!
//! A lock comes with a project, so no field can hold a line break, a program option or an address with a password.
//! Newer tables are optional: a reader that knows them accepts a lock without them. A reader that does not know a table
//! refuses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{SeqAccess, Visitor};
use toml::Spanned;

use super::shape_build::SourceBuildShape;
use super::shape_value::{LockedVersion, spanned_texts, texts, wrong_hash};
use super::{Input, Lock, LockedPackage, LockedSystemPackage, LockedTarget, TargetOrigin};
use crate::manifest::{
    Arch, BaseName, Date, Digest, FrameworkId, ImageReference, Label, Line, PackageName, Requirement, SystemPackage,
    Toolkit, Url, ValueError,
};
use crate::packages::SourceMetadata;
use crate::resolve::{DecidedFramework, Decision, DriverFloors, PythonSource};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// The newest known format, in which locks are written.
pub const FORMAT: u32 = 2;

/// The complete file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LockShape {
    /// The version in the file.
    pub(super) version: u32,
    pub(super) inputs: BTreeMap<Line, InputShape>,
    pub(super) target: TargetShape,
    pub(super) base: BaseShape,
    pub(super) python: PythonShape,
    #[serde(default)]
    pub(super) cuda: CudaShape,
    #[serde(rename = "framework", default)]
    pub(super) frameworks: Vec<FrameworkShape>,
    #[serde(rename = "package", default)]
    pub(super) packages: Vec<PackageShape>,
    #[serde(rename = "source-build", default)]
    pub(super) builds: Vec<SourceBuildShape>,
    #[serde(rename = "system-package", default)]
    pub(super) system_packages: Vec<SystemPackageShape>,
}

/// A value of `[inputs]`: a text, or a list of texts.
#[derive(Clone, Debug)]
pub(super) enum InputShape {
    One(Line),
    Several(Vec<Line>),
}

/// `[target]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct TargetShape {
    from: TargetOrigin,
    driver: Option<Line>,
    #[serde(default)]
    gpus: Vec<Line>,
}

/// `[base]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BaseShape {
    pub(super) os: Option<Spanned<BaseName>>,
    pub(super) image: Spanned<ImageReference>,
    pub(super) digest: Option<Digest>,
    pub(super) arch: Arch,
    pub(super) glibc: Option<GlibcVersion>,
    pub(super) toolkit: Toolkit,
}

/// `[python]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PythonShape {
    pub(super) version: PythonVersion,
    pub(super) source: PythonSource,
}

/// `[cuda]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct CudaShape {
    pub(super) version: Option<CudaVersion>,
    pub(super) cudnn: Option<CudnnVersion>,
    #[serde(default)]
    pub(super) capabilities: Vec<ComputeCapability>,
    pub(super) driver: Option<DriverShape>,
}

/// `[cuda.driver]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct DriverShape {
    minimum: DriverVersion,
    toolkit: Option<DriverVersion>,
}

/// `[[framework]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct FrameworkShape {
    pub(super) name: Spanned<FrameworkId>,
    pub(super) version: Spanned<ReleaseVersion>,
    pub(super) package: Spanned<PackageName>,
    pub(super) variant: Label,
    #[serde(default = "default_index")]
    pub(super) index: Spanned<Index>,
    #[serde(default)]
    pub(super) index_packages: Vec<Spanned<PackageName>>,
    pub(super) cuda: Option<CudaVersion>,
    pub(super) cudnn: Option<CudnnVersion>,
    #[serde(default)]
    pub(super) extras: Vec<Spanned<Label>>,
    pub(super) local: Option<Label>,
    #[serde(default)]
    pub(super) with: BTreeMap<PackageName, Spanned<Label>>,
    #[serde(default)]
    pub(super) system_packages: Vec<Spanned<SystemPackage>>,
    #[serde(default)]
    pub(super) pins: Vec<Spanned<Requirement>>,
    pub(super) exclude_newer: Option<Date>,
}

/// `[[package]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PackageShape {
    pub(super) name: Spanned<PackageName>,
    #[serde(default = "no_version")]
    pub(super) version: Spanned<LockedVersion>,
    pub(super) url: Option<Spanned<Url>>,
    #[serde(default = "default_index")]
    pub(super) index: Spanned<Index>,
    /// The hashes. [`Self::wrong_hash`] checks them, because each has a line of its own.
    hashes: Vec<Spanned<String>>,
    #[serde(default)]
    via: Vec<Line>,
    built: Option<SourceMetadata>,
}

/// `[[system-package]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SystemPackageShape {
    pub(super) name: Spanned<SystemPackage>,
    #[serde(default)]
    via: Vec<PackageName>,
}

fn default_index() -> Spanned<Index> {
    Spanned::new(0..0, Index::Default)
}

fn no_version() -> Spanned<LockedVersion> {
    Spanned::new(0..0, LockedVersion::none())
}

impl<'de> Deserialize<'de> for InputShape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InputVisitor;

        impl<'de> Visitor<'de> for InputVisitor {
            type Value = InputShape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<InputShape, E> {
                text.parse().map(InputShape::One).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<InputShape, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = items.next_element()? {
                    lines.push(line);
                }
                Ok(InputShape::Several(lines))
            }
        }

        deserializer.deserialize_any(InputVisitor)
    }
}

/// `default`, or the address of an index or page.
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

impl LockShape {
    /// The length of the longest list that is compared with the data.
    pub(super) fn longest_list(&self) -> usize {
        let lists = self.frameworks.iter().flat_map(|one| {
            let FrameworkShape { index_packages, extras, with, system_packages, pins, .. } = one;
            [index_packages.len(), extras.len(), with.len(), system_packages.len(), pins.len()]
        });
        lists.chain([self.frameworks.len(), self.system_packages.len()]).max().unwrap_or_default()
    }

    /// The first package with the name of an earlier one.
    pub(super) fn repeated_package(&self) -> Option<&PackageShape> {
        let mut names = BTreeSet::new();
        self.packages.iter().find(|package| !names.insert(package.name.get_ref().as_str()))
    }

    /// The lock in this file.
    pub(super) fn lock(&self) -> Lock {
        let Self { version: _, inputs, target, base, python, cuda, frameworks, packages, builds, system_packages } =
            self.clone();
        let BaseShape { os, image, digest, arch, glibc, toolkit } = base;
        let CudaShape { version: cuda, cudnn, capabilities, driver } = cuda;
        let decision = Decision {
            frameworks: frameworks.into_iter().map(FrameworkShape::framework).collect(),
            python: python.version,
            python_source: python.source,
            cuda,
            cudnn,
            arch,
            driver: driver.map(DriverShape::floors),
            compute_capability: capabilities,
            os: os.map(|os| os.get_ref().to_string()),
            base_image: image.get_ref().to_string(),
            toolkit,
            glibc,
        };
        Lock {
            inputs: inputs.into_iter().map(|(key, value)| (key.to_string(), value.input())).collect(),
            target: target.target(),
            decision,
            base_digest: digest.map(|digest| digest.to_string()),
            packages: packages.iter().map(PackageShape::package).collect(),
            builds: builds.iter().map(SourceBuildShape::build).collect(),
            system_packages: system_packages.iter().map(SystemPackageShape::package).collect(),
        }
    }
}

impl InputShape {
    fn input(self) -> Input {
        match self {
            Self::One(line) => Input::One(line.to_string()),
            Self::Several(lines) => Input::Several(texts(&lines)),
        }
    }
}

impl TargetShape {
    fn target(self) -> LockedTarget {
        let Self { from, driver, gpus } = self;
        LockedTarget { from, driver: driver.map(|driver| driver.to_string()), gpus: texts(&gpus) }
    }
}

impl DriverShape {
    fn floors(self) -> DriverFloors {
        let Self { minimum, toolkit } = self;
        DriverFloors { minimum, toolkit }
    }
}

impl FrameworkShape {
    fn framework(self) -> DecidedFramework {
        DecidedFramework {
            name: self.name.into_inner(),
            version: self.version.into_inner(),
            package: self.package.get_ref().to_string(),
            variant: self.variant.to_string(),
            index: self.index.get_ref().as_str().to_owned(),
            index_packages: spanned_texts(&self.index_packages),
            cuda: self.cuda,
            cudnn: self.cudnn,
            extras: spanned_texts(&self.extras),
            local: self.local.map(|local| local.to_string()),
            with: self.with.iter().map(|(name, version)| (name.to_string(), version.get_ref().to_string())).collect(),
            system_packages: spanned_texts(&self.system_packages),
            pins: spanned_texts(&self.pins),
            exclude_newer: self.exclude_newer.map(|day| day.to_string()),
        }
    }
}

impl PackageShape {
    /// The first text that is not a hash, with its span.
    pub(super) fn wrong_hash(&self) -> Option<(ValueError, Range<usize>)> {
        wrong_hash(&self.hashes)
    }

    /// Whether it is built from its source.
    pub(super) fn is_built(&self) -> bool {
        self.built.is_some()
    }

    /// Whether the package has no source. It needs either a version of an index or the address of an artefact.
    pub(super) fn lacks_a_source(&self) -> bool {
        self.version.get_ref().as_str().is_empty() != self.url.is_some()
    }

    fn package(&self) -> LockedPackage {
        LockedPackage {
            name: self.name.get_ref().to_string(),
            version: self.version.get_ref().as_str().to_owned(),
            url: self.url.as_ref().map(|url| url.get_ref().to_string()),
            index: self.index.get_ref().as_str().to_owned(),
            hashes: spanned_texts(&self.hashes),
            via: texts(&self.via),
            built: self.built,
        }
    }
}

impl SystemPackageShape {
    fn package(&self) -> LockedSystemPackage {
        LockedSystemPackage { name: self.name.get_ref().to_string(), via: texts(&self.via) }
    }
}
