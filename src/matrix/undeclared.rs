//! What packages of the Python index need and do not declare (`undeclared.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;

/// One need (`undeclared.toml`, `[[need]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UndeclaredNeed {
    /// The releases of a package that have the need, as a requirement.
    pub package: String,
    /// The requirement that they leave out.
    pub requires: String,
    pub source: String,
    pub checked: String,
}

/// Every need.
#[must_use]
pub fn undeclared_needs() -> &'static [UndeclaredNeed] {
    static NEEDS: OnceLock<Vec<UndeclaredNeed>> = OnceLock::new();
    NEEDS.get_or_init(|| embedded::subject("undeclared"))
}
