//! The names that other package managers and Python's `import` have for distributions of the package index
//! (`conda.toml`, `imports.toml`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;

/// Rows of `conda.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CondaRow {
    #[serde(default)]
    pub same: Vec<String>,
    #[serde(default)]
    pub renamed: BTreeMap<String, String>,
    #[serde(default)]
    pub open: Vec<String>,
    #[serde(default)]
    pub provided: Vec<String>,
    #[serde(default)]
    pub system: BTreeMap<String, String>,
    pub source: String,
    pub checked: String,
}

/// Rows of `imports.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImportRow {
    #[serde(default)]
    pub same: Vec<String>,
    #[serde(default)]
    pub renamed: BTreeMap<String, String>,
    #[serde(default)]
    pub standard: Vec<String>,
    pub source: String,
    pub checked: String,
}

/// What takes the place of a conda package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CondaTwin {
    /// A distribution of the Python package index, normalised.
    Distribution(&'static str),
    /// Nothing: Python, the framework's build or a wheel brings it.
    Provided,
    /// A package of Debian and Ubuntu.
    System(&'static str),
}

/// What takes the place of a conda package. `None`: no row has the name.
#[must_use]
pub fn conda_twin(name: &str) -> Option<CondaTwin> {
    static TWINS: OnceLock<BTreeMap<String, CondaTwin>> = OnceLock::new();
    let twins = TWINS.get_or_init(|| {
        let mut twins = BTreeMap::new();
        for row in conda_rows() {
            let CondaRow { same, renamed, open: _, provided, system, source: _, checked: _ } = row;
            twins.extend(same.iter().map(|name| (normal(name), CondaTwin::Distribution(name))));
            twins.extend(renamed.iter().map(|(name, to)| (normal(name), CondaTwin::Distribution(to))));
            twins.extend(provided.iter().map(|name| (normal(name), CondaTwin::Provided)));
            twins.extend(system.iter().map(|(name, to)| (normal(name), CondaTwin::System(to))));
        }
        twins
    });
    twins.get(&normal(name)).copied()
}

/// Whether the versions of a conda package are not those of its distribution.
#[must_use]
pub fn has_other_versions(name: &str) -> bool {
    conda_rows().iter().flat_map(|row| &row.open).any(|open| normal(open) == normal(name))
}

/// The distribution that brings an imported module. `None`: no row has the module.
#[must_use]
pub fn imported(module: &str) -> Option<&'static str> {
    static MODULES: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    let modules = MODULES.get_or_init(|| {
        let same = import_rows().iter().flat_map(|row| row.same.iter().map(|name| (name.as_str(), name.as_str())));
        let renamed = import_rows().iter().flat_map(|row| row.renamed.iter().map(|(m, d)| (m.as_str(), d.as_str())));
        same.chain(renamed).collect()
    });
    modules.get(module).copied()
}

/// Whether a module is part of Python's own library.
#[must_use]
pub fn is_standard_module(module: &str) -> bool {
    static STANDARD: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    let standard =
        STANDARD.get_or_init(|| import_rows().iter().flat_map(|row| row.standard.iter().map(String::as_str)).collect());
    standard.contains(module)
}

/// The rows of `conda.toml`.
pub fn conda_rows() -> &'static [CondaRow] {
    static ROWS: OnceLock<Vec<CondaRow>> = OnceLock::new();
    ROWS.get_or_init(|| embedded::subject("conda"))
}

/// The rows of `imports.toml`.
pub fn import_rows() -> &'static [ImportRow] {
    static ROWS: OnceLock<Vec<ImportRow>> = OnceLock::new();
    ROWS.get_or_init(|| embedded::subject("imports"))
}

fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conda_name_has_one_meaning() {
        let mut seen = BTreeSet::new();
        for row in conda_rows() {
            let all = row.same.iter().chain(row.renamed.keys()).chain(&row.provided).chain(row.system.keys());
            for name in all {
                assert!(seen.insert(normal(name)), "{name} has two rows");
            }
        }
        assert_eq!(conda_twin("pytorch"), Some(CondaTwin::Distribution("torch")));
        assert_eq!(conda_twin("mkl_fft"), Some(CondaTwin::Provided));
        assert_eq!(conda_twin("ffmpeg"), Some(CondaTwin::System("ffmpeg")));
        assert_eq!(conda_twin("gnuradio"), None);
        let open: Vec<_> = conda_rows().iter().flat_map(|row| &row.open).collect();
        assert!(
            !open.is_empty() && open.iter().all(|name| matches!(conda_twin(name), Some(CondaTwin::Distribution(_))))
        );
    }

    #[test]
    fn a_module_has_one_distribution() {
        let mut seen = BTreeSet::new();
        for row in import_rows() {
            for name in row.same.iter().chain(row.renamed.keys()).chain(&row.standard) {
                assert!(seen.insert(name), "{name} has two rows");
            }
        }
        assert_eq!(
            (imported("cv2"), imported("numpy"), imported("no_such")),
            (Some("opencv-python"), Some("numpy"), None)
        );
        assert!(is_standard_module("os") && !is_standard_module("torch"));
    }
}
