//! The recipe of a framework's rows: `compat-matrix/recipes/ID.toml`. A recipe holds the facts that wheels do not
//! carry: variants on a vendor's own index, the CUDA of old releases, compiled capabilities and broken dependencies.
//!
//! Each fact has its range of releases, so a new release needs a new line only when something changed.

use std::collections::BTreeMap;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Deserializer};

use crate::manifest::Arch;
use crate::matrix::rows::{FrameworkHead, Libraries, WheelRow};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

/// One framework's recipe.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FrameworkRecipe {
    /// What stands at the top of its rows.
    pub framework: FrameworkHead,
    /// Where the derived rows come from, in words.
    pub source: String,
    /// The oldest release that gets a row.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// Its builds, in the order of preference within a release.
    #[serde(rename = "build")]
    pub builds: Vec<BuildRule>,
    /// Facts about whole releases.
    #[serde(rename = "fact", default)]
    pub facts: Vec<RecipeFact>,
    /// Distributions that go with one release each.
    #[serde(rename = "companion", default)]
    pub companions: Vec<Companion>,
    /// Releases that no index we read lists any more.
    #[serde(rename = "release", default)]
    pub curated: Vec<CuratedRelease>,
}

/// One build variant of a range of releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildRule {
    /// Of which releases.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// `cpu`, `cu118`, `cu{cuda}`: the CUDA's digits.
    pub variant: String,
    /// Its distribution; the framework's, where it is the same.
    pub package: Option<String>,
    /// Extras to install it with.
    #[serde(default)]
    pub extras: Vec<String>,
    /// Distributions of the same makers that it pulls in and that have wheels of their own (`jaxlib`).
    #[serde(default)]
    pub parts: Vec<String>,
    /// `default`, or a vendor's own index, which is not read: its rows are curated.
    #[serde(default = "default_index")]
    pub index: String,
    /// What that index serves, when it is not the package with its companions.
    #[serde(default)]
    pub index_packages: Vec<String>,
    /// The wheel's local version label.
    pub local: Option<String>,
    /// Never holds CUDA.
    #[serde(default)]
    pub cpu: bool,
    /// The CUDA, where neither METADATA nor `probe` tells.
    pub cuda: Option<CudaVersion>,
    /// Likewise the cuDNN.
    pub cudnn: Option<CudnnVersion>,
    /// A file inside the wheel that tells them.
    pub probe: Option<Probe>,
    /// Who brings CUDA.
    #[serde(default)]
    pub libraries: Libraries,
    /// Capabilities that compiled code exists for.
    #[serde(default)]
    pub capabilities: Vec<ComputeCapability>,
    /// The driver that its makers name.
    pub driver_minimum: Option<DriverVersion>,
    /// Only these architectures.
    pub arch: Option<Vec<Arch>>,
    /// It has the Pythons and architectures of this distribution's wheels on the default index.
    pub like: Option<String>,
    /// The glibc it needs, where the tags say less or nothing.
    pub glibc: Option<GlibcVersion>,
    /// Pythons tried where no wheel names one; with `like`, the only ones.
    #[serde(default)]
    pub python: Vec<PythonVersion>,
    /// Its wheels, where no index is read.
    #[serde(default)]
    pub wheels: Vec<WheelRow>,
    /// Its makers serve it and do not name it among the builds of the release.
    #[serde(default)]
    pub unlisted: bool,
    /// The ranges it pins of shared `nvidia-*` packages, where no index is read.
    #[serde(default)]
    pub shared: BTreeMap<String, String>,
    /// Why no source can build it any more.
    pub unbuildable: Option<String>,
    /// Where its curated facts come from.
    pub source: Option<String>,
}

/// A file inside a wheel that says what it was built with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Probe {
    /// How its name ends: `torch/version.py`.
    pub file: String,
    /// The word before the CUDA version.
    pub cuda: Option<String>,
    /// The word before the cuDNN version.
    pub cudnn: Option<String>,
    /// The word before the list of compiled capabilities.
    pub capabilities: Option<String>,
}

/// What is true of some releases, whatever their build.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecipeFact {
    /// Of which.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// See [`crate::matrix::rows::ReleaseRow`].
    #[serde(default)]
    pub companions: BTreeMap<String, String>,
    /// Likewise.
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// Likewise.
    #[serde(default)]
    pub pins: Vec<String>,
    /// Likewise.
    pub exclude_newer: Option<String>,
    /// Likewise.
    pub verify: Option<String>,
    /// Likewise.
    pub unbuildable: Option<String>,
}

/// A distribution whose releases each belong to one release of the framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Companion {
    /// `torchvision`
    pub package: String,
    /// The releases of the framework that it exists for.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// It carries the framework's own version number; otherwise its METADATA pins the framework.
    #[serde(default)]
    pub same_version: bool,
}

/// A release that no index we read lists any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CuratedRelease {
    pub version: ReleaseVersion,
    /// The day it came out.
    pub released: Option<String>,
}

fn default_index() -> String {
    "default".to_owned()
}

/// A strict PEP 440 range of releases; without one, all.
#[derive(Clone, Debug)]
pub struct ReleaseRange(VersionSpecifiers);

impl Default for ReleaseRange {
    fn default() -> Self {
        Self(VersionSpecifiers::empty())
    }
}

impl ReleaseRange {
    /// Whether the release is in it. A local label takes no part.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        self.0.contains(&version.clone().without_local())
    }
}

impl<'de> Deserialize<'de> for ReleaseRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        VersionSpecifiers::from_str(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl FrameworkRecipe {
    /// The rule's distribution.
    #[must_use]
    pub fn package<'a>(&'a self, rule: &'a BuildRule) -> &'a str {
        rule.package.as_deref().unwrap_or(&self.framework.package)
    }

    /// Every distribution that is read from the default index, once each.
    #[must_use]
    pub fn packages(&self) -> Vec<String> {
        let rules = self.builds.iter().filter(|rule| rule.wheels.is_empty());
        let of_rules = rules.flat_map(|rule| {
            let own = if rule.is_derived() { Some(self.package(rule)) } else { rule.like.as_deref() };
            own.into_iter().chain(rule.parts.iter().map(String::as_str))
        });
        let companions = self.companions.iter().filter(|c| !c.same_version).map(|c| c.package.as_str());
        let names: std::collections::BTreeSet<&str> = of_rules.chain(companions).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}

impl BuildRule {
    /// Whether its wheels are read from the default index.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.index == "default" && self.wheels.is_empty() && self.like.is_none()
    }

    /// Whether METADATA can tell more than the recipe does.
    #[must_use]
    pub fn reads_metadata(&self) -> bool {
        let is_told = self.cuda.is_some() || self.probe.as_ref().is_some_and(|probe| probe.cuda.is_some());
        let asks_extras = !self.extras.is_empty();
        self.is_derived() && (!self.parts.is_empty() || (!self.cpu && (asks_extras || !is_told)))
    }
}
