//! Writes the text of a lock. The same lock gives the same bytes.
//!
//! The writer takes the lock apart in full, so that a new field does not compile until it is written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FORMAT, Input, Lock, LockedPackage, LockedSystemPackage, LockedTarget};
use crate::manifest::{Arch, Toolkit};
use crate::packages::{BuildRequirement, DEFAULT_INDEX, SourceBuild, SourceMetadata};
use crate::resolve::{DecidedFramework, Decision, PythonSource};
use crate::version::{
    ComputeCapability, CudaVersion, CudnnVersion, DriverVersion, GlibcVersion, PythonVersion, ReleaseVersion,
};

const HEAD: &str = "\
# Written by envctl: `envctl lock` renews it. Keep it in version control: with it, every machine builds the same.

";

/// The text of a lock. The same lock gives the same bytes.
#[must_use]
pub fn to_text(lock: &Lock) -> String {
    let body = toml::to_string_pretty(&LockText::of(lock)).expect("a lock's keys are text and its numbers fit");
    format!("{HEAD}{body}")
}

/// The complete file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct LockText<'a> {
    version: u32,
    inputs: &'a BTreeMap<String, Input>,
    target: &'a LockedTarget,
    base: BaseText<'a>,
    python: PythonText<'a>,
    #[serde(skip_serializing_if = "CudaText::is_empty")]
    cuda: CudaText<'a>,
    #[serde(rename = "framework", skip_serializing_if = "Vec::is_empty")]
    frameworks: Vec<FrameworkText<'a>>,
    #[serde(rename = "package", skip_serializing_if = "Vec::is_empty")]
    packages: Vec<PackageText<'a>>,
    #[serde(rename = "source-build", skip_serializing_if = "Vec::is_empty")]
    builds: Vec<SourceBuildText<'a>>,
    #[serde(rename = "system-package", skip_serializing_if = "<[_]>::is_empty")]
    system_packages: &'a [LockedSystemPackage],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct BaseText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<&'a str>,
    image: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    arch: Arch,
    #[serde(skip_serializing_if = "Option::is_none")]
    glibc: Option<&'a GlibcVersion>,
    toolkit: Toolkit,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PythonText<'a> {
    version: &'a PythonVersion,
    source: PythonSource,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CudaText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a CudaVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cudnn: Option<&'a CudnnVersion>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    capabilities: &'a [ComputeCapability],
    #[serde(skip_serializing_if = "Option::is_none")]
    driver: Option<DriverFloorsText<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DriverFloorsText<'a> {
    minimum: &'a DriverVersion,
    #[serde(skip_serializing_if = "Option::is_none")]
    toolkit: Option<&'a DriverVersion>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FrameworkText<'a> {
    name: &'a str,
    version: &'a ReleaseVersion,
    package: &'a str,
    variant: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    index: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    index_packages: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    cuda: Option<&'a CudaVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cudnn: Option<&'a CudnnVersion>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    extras: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    system_packages: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pins: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude_newer: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    with: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PackageText<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "is_default")]
    index: &'a str,
    hashes: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    via: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    built: Option<SourceMetadata>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SourceBuildText<'a> {
    packages: &'a [String],
    #[serde(rename = "requirement", skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<BuildRequirementText<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct BuildRequirementText<'a> {
    name: &'a str,
    version: &'a str,
    hashes: &'a [String],
}

fn is_default(index: &str) -> bool {
    index == DEFAULT_INDEX
}

impl<'a> LockText<'a> {
    fn of(lock: &'a Lock) -> Self {
        let Lock { inputs, target, decision, base_digest, packages, builds, system_packages } = lock;
        let Decision {
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
        } = decision;
        let driver = driver.as_ref();
        Self {
            version: FORMAT,
            inputs,
            target,
            base: BaseText {
                os: os.as_deref(),
                image: base_image,
                digest: base_digest.as_deref(),
                arch: *arch,
                glibc: glibc.as_ref(),
                toolkit: *toolkit,
            },
            python: PythonText { version: python, source: *python_source },
            cuda: CudaText {
                version: cuda.as_ref(),
                cudnn: cudnn.as_ref(),
                capabilities: compute_capability,
                driver: driver
                    .map(|floors| DriverFloorsText { minimum: &floors.minimum, toolkit: floors.toolkit.as_ref() }),
            },
            frameworks: frameworks.iter().map(FrameworkText::of).collect(),
            packages: packages.iter().map(PackageText::of).collect(),
            builds: builds.iter().map(SourceBuildText::of).collect(),
            system_packages,
        }
    }
}

impl CudaText<'_> {
    fn is_empty(&self) -> bool {
        let Self { version, cudnn, capabilities, driver } = self;
        version.is_none() && cudnn.is_none() && capabilities.is_empty() && driver.is_none()
    }
}

impl<'a> FrameworkText<'a> {
    fn of(framework: &'a DecidedFramework) -> Self {
        let DecidedFramework {
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
        } = framework;
        Self {
            name: name.as_str(),
            version,
            package,
            variant,
            index,
            index_packages,
            cuda: cuda.as_ref(),
            cudnn: cudnn.as_ref(),
            extras,
            local: local.as_deref(),
            system_packages,
            pins,
            exclude_newer: exclude_newer.as_deref(),
            with,
        }
    }
}

impl<'a> PackageText<'a> {
    fn of(package: &'a LockedPackage) -> Self {
        let LockedPackage { name, version, url, index, hashes, via, built } = package;
        Self { name, version, url: url.as_deref(), index, hashes, via, built: *built }
    }
}

impl<'a> SourceBuildText<'a> {
    fn of(build: &'a SourceBuild) -> Self {
        let SourceBuild { packages, requirements } = build;
        let text = |BuildRequirement { name, version, hashes }: &'a BuildRequirement| BuildRequirementText {
            name,
            version,
            hashes,
        };
        Self { packages, requirements: requirements.iter().map(text).collect() }
    }
}
