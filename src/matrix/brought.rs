//! The data in the binary that no overlay can replace: the programs that envctl installs, and the families of
//! distributions that it has templates for. Both depend on the version of envctl itself.

use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;
use super::rows::DistributionRow;
use crate::manifest::Arch;
use crate::version::{GlibcVersion, PythonVersion};

/// One program (`tools.toml`, `[[tool]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolRow {
    /// `uv`
    pub name: String,
    /// The version that is installed.
    pub version: String,
    /// The oldest Python that it installs by itself.
    pub oldest_python: PythonVersion,
    /// The newest C library that it has a platform for.
    pub newest_glibc: GlibcVersion,
    pub source: String,
    pub checked: String,
    /// Its wheels, one for each architecture.
    pub wheel: Vec<ToolWheelRow>,
}

/// One wheel of a program (`[[tool.wheel]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolWheelRow {
    pub arch: Arch,
    /// The platform in the wheel's file name: `musllinux_1_1_x86_64`.
    pub platform: String,
    /// 64 hex digits.
    pub sha256: String,
}

/// One family of distributions (`families.toml`, `[[family]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FamilyRow {
    /// What the ids of its releases begin with: `debian`.
    pub id: String,
    /// What installs the distribution's packages.
    pub package_manager: PackageManager,
    /// One of its long-term releases is the base where a manifest names none.
    #[serde(default)]
    pub default_base: bool,
    pub source: String,
    pub checked: String,
}

/// A program that installs a distribution's packages, and that there is a template for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageManager {
    /// Debian's.
    Apt,
}

/// The uv that this envctl brings along.
#[must_use]
pub fn uv() -> &'static ToolRow {
    static TOOLS: OnceLock<Vec<ToolRow>> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| embedded::subject("tools"));
    tools.iter().find(|tool| tool.name == "uv").expect("the embedded table has uv")
}

/// Every family that there is a row for.
#[must_use]
pub fn families() -> &'static [FamilyRow] {
    static FAMILIES: OnceLock<Vec<FamilyRow>> = OnceLock::new();
    FAMILIES.get_or_init(|| embedded::subject("families"))
}

/// The family of a distribution, by the distribution's id.
#[must_use]
pub fn family(distribution: &str) -> Option<&'static FamilyRow> {
    let (id, _) = distribution.split_once(':')?;
    families().iter().find(|family| family.id == id)
}

impl DistributionRow {
    /// Whether it can be the base where a manifest names none.
    #[must_use]
    pub fn is_default_base(&self) -> bool {
        self.lts && family(&self.id).is_some_and(|family| family.default_base)
    }
}
