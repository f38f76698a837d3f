//! Packages of the Python index that load GPU libraries of other packages and do not look where these are
//! (`preloads.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;

/// A module whose import loads libraries first (`preloads.toml`, `[[preload]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PreloadRow {
    /// The releases of a package for which the row is, as a requirement.
    pub package: String,
    /// The module that its users import.
    pub module: String,
    /// The file that needs the libraries, from the directory of the packages.
    pub file: Option<String>,
    /// The libraries that it loads while it runs, which no file names.
    #[serde(default)]
    pub libraries: Vec<String>,
    pub source: String,
    pub checked: String,
}

/// Every row.
#[must_use]
pub fn preloads() -> &'static [PreloadRow] {
    static PRELOADS: OnceLock<Vec<PreloadRow>> = OnceLock::new();
    PRELOADS.get_or_init(|| embedded::subject("preloads"))
}
