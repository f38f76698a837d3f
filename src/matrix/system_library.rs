//! Shared libraries of the system, with the distribution's package that has each (`system-libraries.toml`). They are in
//! the binary and not overlaid, because the image's own check uses them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;

/// One shared library (`system-libraries.toml`, `[[library]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SystemLibraryRow {
    /// The name by which programs load it, `libGL.so.1`. A `*` at the end stands for any end.
    pub name: String,
    #[serde(default)]
    pub from: LibrarySource,
    /// The distribution's package, each with the IDs of the distributions that have it under this name.
    #[serde(default)]
    pub packages: BTreeMap<String, Vec<String>>,
    /// Releases of packages of the Python index that need it.
    #[serde(default)]
    pub needed_by: Vec<String>,
    pub source: String,
    pub checked: String,
}

/// Where a library comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LibrarySource {
    /// A package of the distribution.
    #[default]
    Distribution,
    /// The driver of the GPU: no image has it.
    Driver,
    /// Anywhere or nowhere: what needs it is a part that works only where it is, and nothing else fails without it.
    Optional,
}

impl SystemLibraryRow {
    /// The package that has it on a distribution.
    #[must_use]
    pub fn package_on(&self, distribution: &str) -> Option<&str> {
        let mut packages = self.packages.iter();
        packages.find(|(_, known)| known.iter().any(|id| id == distribution)).map(|(package, _)| package.as_str())
    }
}

/// Every library, in the order of the names.
#[must_use]
pub fn system_libraries() -> &'static [SystemLibraryRow] {
    static LIBRARIES: OnceLock<Vec<SystemLibraryRow>> = OnceLock::new();
    LIBRARIES.get_or_init(|| embedded::subject("system-libraries"))
}
