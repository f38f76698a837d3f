//! The data in the binary that no overlay can replace: the programs that envctl installs, and the families of
//! distributions that it has templates for. Both depend on the version of envctl itself.

use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;
use super::rows::DistributionRow;
use crate::manifest::Arch;
use crate::version::{GlibcVersion, PythonVersion};

/// One program that envctl installs (`tools.toml`, `[[tool]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolRow {
    /// The program's name, `uv`.
    pub name: String,
    /// The version that envctl installs.
    pub version: String,
    /// The oldest Python that the program can install.
    pub oldest_python: PythonVersion,
    /// The newest C library for which the program has a platform name.
    pub newest_glibc: GlibcVersion,
    pub source: String,
    pub checked: String,
    /// Its wheels, one per architecture.
    pub wheel: Vec<ToolWheelRow>,
}

/// One wheel of a program (`[[tool.wheel]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolWheelRow {
    pub arch: Arch,
    /// The platform in the wheel's file name: `musllinux_1_1_x86_64`.
    pub platform: String,
    /// The SHA-256 of the wheel, 64 hex digits.
    pub sha256: String,
}

/// One family of distributions (`families.toml`, `[[family]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FamilyRow {
    /// The start of the ids of its releases: `debian`.
    pub id: String,
    /// The program that installs the distribution's packages.
    pub package_manager: PackageManager,
    /// Whether one of its long-term releases is the base of a manifest that names none.
    #[serde(default)]
    pub default_base: bool,
    pub source: String,
    pub checked: String,
}

/// A program that installs a distribution's packages. envctl has a template for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageManager {
    /// Debian's package manager.
    Apt,
}

/// The uv that this version of envctl installs.
#[must_use]
pub fn uv() -> &'static ToolRow {
    static TOOLS: OnceLock<Vec<ToolRow>> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| embedded::subject("tools"));
    tools.iter().find(|tool| tool.name == "uv").expect("the embedded table has uv")
}

/// Every family that has a row.
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
    /// Whether it can be the base of a manifest that names none.
    #[must_use]
    pub fn is_default_base(&self) -> bool {
        self.lts && family(&self.id).is_some_and(|family| family.default_base)
    }
}
