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
    /// The head of its row file.
    pub framework: FrameworkHead,
    /// The source of the derived rows, in words.
    pub source: String,
    /// The range of releases that get a row.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// The rows keep the ranges of these packages, because other frameworks require them too. Empty: the rows keep no
    /// requirements, so the framework cannot be compared with others.
    #[serde(default)]
    pub compared: Vec<String>,
    /// Its builds, in the order of preference within a release.
    #[serde(rename = "build")]
    pub builds: Vec<BuildRule>,
    /// The pins of builds on indexes that are not read.
    #[serde(default)]
    pub pins: Vec<PinsFact>,
    /// Facts about whole releases.
    #[serde(rename = "fact", default)]
    pub facts: Vec<RecipeFact>,
    /// Distributions with one release for each release of the framework.
    #[serde(rename = "companion", default)]
    pub companions: Vec<Companion>,
    /// Releases that no readable index lists any more.
    #[serde(rename = "release", default)]
    pub curated: Vec<CuratedRelease>,
}

/// One build variant of a range of releases.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildRule {
    /// The releases to which the rule applies.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// The variant: `cpu`, `cu118`, or `cu{cuda}`, where the CUDA's digits are inserted.
    pub variant: String,
    /// Its distribution. `None`: the framework's own.
    pub package: Option<String>,
    /// The extras of the installation.
    #[serde(default)]
    pub extras: Vec<String>,
    /// The publisher's distributions that it requires and that have their own wheels (`jaxlib`).
    #[serde(default)]
    pub parts: Vec<String>,
    /// `default`, or the index of a vendor. A vendor's index is not read, and its rows are curated.
    #[serde(default = "default_index")]
    pub index: String,
    /// The packages that come from that index, if not the package and its companions.
    #[serde(default)]
    pub index_packages: Vec<String>,
    /// The wheel's local version label.
    pub local: Option<String>,
    /// Whether the build never has CUDA.
    #[serde(default)]
    pub cpu: bool,
    /// The CUDA, if neither METADATA nor `probe` gives it.
    pub cuda: Option<CudaVersion>,
    /// The cuDNN, if neither METADATA nor `probe` gives it.
    pub cudnn: Option<CudnnVersion>,
    /// A file inside the wheel that gives them.
    pub probe: Option<Probe>,
    /// The provider of CUDA.
    #[serde(default)]
    pub libraries: Libraries,
    /// Capabilities with compiled code.
    #[serde(default)]
    pub capabilities: Vec<ComputeCapability>,
    /// The driver that the publisher requires.
    pub driver_minimum: Option<DriverVersion>,
    /// The only architectures of the build.
    pub arch: Option<Vec<Arch>>,
    /// A distribution on the default index. The build has the Pythons and architectures of its wheels.
    pub like: Option<String>,
    /// The glibc that it needs, if the tags give a lower one or none.
    pub glibc: Option<GlibcVersion>,
    /// The Pythons to try if no wheel names one. With `like`, they are the only ones.
    #[serde(default)]
    pub python: Vec<PythonVersion>,
    /// Its wheels, if no index is read.
    #[serde(default)]
    pub wheels: Vec<WheelRow>,
    /// Whether the publisher serves the build but does not list it among the builds of the release.
    #[serde(default)]
    pub unlisted: bool,
    /// The reason why no source can build it any more.
    pub unbuildable: Option<String>,
    /// The source of its curated facts.
    pub source: Option<String>,
}

/// The pins of shared `nvidia-*` packages of builds on an index that is not read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PinsFact {
    /// The releases with these pins.
    pub releases: ReleaseRange,
    /// The variant. `None`: each.
    pub variant: Option<String>,
    /// The architectures of the builds with these pins.
    pub arch: Vec<Arch>,
    /// The ranges. Empty: such a build pins nothing.
    pub shared: BTreeMap<String, String>,
    pub source: String,
    /// The day on which the source was read, `YYYY-MM-DD`.
    pub checked: String,
}

/// A file inside a wheel with the versions of its build.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Probe {
    /// The end of the file name: `torch/version.py`.
    pub file: String,
    /// The word before the CUDA version.
    pub cuda: Option<String>,
    /// The word before the cuDNN version.
    pub cudnn: Option<String>,
    /// The word before the list of compiled capabilities.
    pub capabilities: Option<String>,
}

/// A fact about some releases, for all of their builds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecipeFact {
    #[serde(default)]
    pub releases: ReleaseRange,
    /// See [`crate::matrix::rows::ReleaseRow`].
    #[serde(default)]
    pub companions: BTreeMap<String, String>,
    /// See [`crate::matrix::rows::ReleaseRow`].
    #[serde(default)]
    pub system_packages: Vec<String>,
    /// See [`crate::matrix::rows::ReleaseRow`].
    #[serde(default)]
    pub pins: Vec<String>,
    /// See [`crate::matrix::rows::ReleaseRow`].
    pub exclude_newer: Option<String>,
    /// See [`crate::matrix::rows::ReleaseRow`].
    pub verify: Option<String>,
    /// See [`crate::matrix::rows::ReleaseRow`].
    pub unbuildable: Option<String>,
}

/// A distribution with one release for each release of the framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Companion {
    /// `torchvision`
    pub package: String,
    /// The releases of the framework that have this companion.
    #[serde(default)]
    pub releases: ReleaseRange,
    /// Whether it has the version number of the framework. Otherwise its METADATA pins the framework.
    #[serde(default)]
    pub same_version: bool,
}

/// A release that no readable index lists any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CuratedRelease {
    pub version: ReleaseVersion,
    /// The day of its publication.
    pub released: Option<String>,
}

fn default_index() -> String {
    "default".to_owned()
}

/// A strict PEP 440 range of releases. The default includes all.
#[derive(Clone, Debug)]
pub struct ReleaseRange(VersionSpecifiers);

impl Default for ReleaseRange {
    fn default() -> Self {
        Self(VersionSpecifiers::empty())
    }
}

impl ReleaseRange {
    /// Whether the range includes the release. A local label does not count.
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
    /// Whether METADATA can add facts to the recipe.
    #[must_use]
    pub fn reads_metadata(&self, rule: &BuildRule) -> bool {
        let is_told = rule.cuda.is_some() || rule.probe.as_ref().is_some_and(|probe| probe.cuda.is_some());
        let tells_cuda = !rule.cpu && (!rule.extras.is_empty() || !is_told);
        rule.is_derived() && (!self.compared.is_empty() || !rule.parts.is_empty() || tells_cuda)
    }

    /// The pins of a build on an index that is not read. `None`: unknown.
    #[must_use]
    pub fn pins_of(&self, rule: &BuildRule, version: &Version, arches: &[Arch]) -> Option<BTreeMap<String, String>> {
        let of_build = |fact: &&PinsFact| {
            fact.releases.contains(version)
                && fact.variant.as_ref().is_none_or(|variant| *variant == rule.variant)
                && arches.iter().all(|arch| fact.arch.contains(arch))
        };
        self.pins.iter().find(of_build).map(|fact| fact.shared.clone())
    }

    /// The distribution of the rule.
    #[must_use]
    pub fn package<'a>(&'a self, rule: &'a BuildRule) -> &'a str {
        rule.package.as_deref().unwrap_or(&self.framework.package)
    }

    /// Every distribution that is read from the default index, without duplicates.
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

    /// Whether the package comes from the default index, although packages that it requires do not.
    #[must_use]
    pub fn has_default_package(&self, package: &str) -> bool {
        self.index == "default" || !self.index_packages.is_empty() && !self.index_packages.iter().any(|p| p == package)
    }
}
