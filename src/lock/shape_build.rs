//! `[[source-build]]` of the lock file: how packages without a wheel are built.

use serde::Deserialize;
use toml::Spanned;

use super::SourceBuild;
use super::shape_value::{LockedVersion, spanned_texts};
use crate::manifest::PackageName;
use crate::packages::BuildRequirement;

/// `[[source-build]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SourceBuildShape {
    pub(super) packages: Vec<Spanned<PackageName>>,
    #[serde(rename = "requirement", default)]
    pub(super) requirements: Vec<BuildRequirementShape>,
}

/// `[[source-build.requirement]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BuildRequirementShape {
    pub(super) name: Spanned<PackageName>,
    pub(super) version: Spanned<LockedVersion>,
    pub(super) hashes: Vec<Spanned<String>>,
}

impl SourceBuildShape {
    pub(super) fn build(&self) -> SourceBuild {
        let requirement = |one: &BuildRequirementShape| BuildRequirement {
            name: one.name.get_ref().to_string(),
            version: one.version.get_ref().as_str().to_owned(),
            hashes: spanned_texts(&one.hashes),
        };
        SourceBuild {
            packages: spanned_texts(&self.packages),
            requirements: self.requirements.iter().map(requirement).collect(),
        }
    }
}
