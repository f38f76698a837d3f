//! One finding of a check of the rows.
//!
//! It names the file and the row, and its problem holds the values on both sides.

use std::fmt;

use serde::Serialize;

/// One problem of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFinding {
    /// The file of the row: `cudnn.toml`, `frameworks/jax.toml`.
    pub file: String,
    /// The row: `9.1`, `0.4.31 cuda12`.
    pub row: String,
    /// The problem and its values.
    #[serde(serialize_with = "as_text")]
    pub problem: RowProblem,
}

/// A problem that a row can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// A row that is out of order, or that appears twice.
    #[error("does not come after `{before}`")]
    Order { before: String },
    /// A number between two rows that has no row. The later row does not declare the gap.
    #[error("no row for `{missing}`; if there is no such release, say `after = \"{before}\"`")]
    Gap {
        /// The first number without a row.
        missing: String,
        before: String,
    },
    /// A value that names a row which does not exist.
    #[error("{what} `{value}` has no row in {file}")]
    Unknown {
        /// The kind of row: `CUDA`, `capability`, …
        what: &'static str,
        value: String,
        /// The file in which the row belongs.
        file: &'static str,
    },
    /// Two values in the wrong order.
    #[error("{low} `{low_value}` is above {high} `{high_value}`")]
    Above {
        /// The name of the value that must be lower.
        low: &'static str,
        low_value: String,
        /// The name of the value that must be higher.
        high: &'static str,
        high_value: String,
    },
    /// A cuDNN that has no build for that CUDA.
    #[error("cuDNN `{cudnn}` is not built for CUDA `{cuda}`")]
    CudnnMismatch { cudnn: String, cuda: String },
    /// Code for a capability that the toolkit cannot compile.
    #[error("CUDA `{cuda}` does not compile for capability `{capability}`")]
    NotCompiled { cuda: String, capability: String },
    /// A text that is not a calendar day.
    #[error("{what} `{value}` is not a day such as `2026-11-21`")]
    NotADay {
        /// The field: `checked`, `released`, …
        what: &'static str,
        value: String,
    },
    /// A required field without a value.
    #[error("has no {what}")]
    Missing {
        /// The field: `source`, `wheels`, …
        what: &'static str,
    },
    /// A word that the field does not accept.
    #[error("{what} `{value}` is not one of {known}")]
    Word {
        /// The field: `flavour`, `segment`, …
        what: &'static str,
        value: String,
        /// The accepted words.
        known: &'static str,
    },
    /// A range of a package that is not a PEP 440 range.
    #[error("`{range}` of `{package}` is not a version range such as `>=9.1,<10`")]
    NotARange {
        package: String,
        /// The text found.
        range: String,
    },
    /// Two rows with the same name.
    #[error("`{name}` is also `{other}`")]
    SameName { name: String, other: String },
    /// A build without a possible base that does not say `unbuildable`.
    #[error("no base image serves it ({need}), and it does not say `unbuildable`")]
    NoBase {
        /// The missing base.
        need: String,
    },
    /// A property that an earlier release has already ended.
    #[error("has `{what}`, and `{before}` before it has not")]
    Returns {
        /// The property: `own-floors`, …
        what: &'static str,
        before: String,
    },
    /// A pre-release among the releases.
    #[error("is a pre-release")]
    Prerelease,
}

impl fmt::Display for RowFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.file, self.row, self.problem)
    }
}

fn as_text<S: serde::Serializer>(problem: &RowProblem, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(problem)
}
