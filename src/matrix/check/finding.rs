//! One finding of a check of the rows.

use std::fmt;

use serde::Serialize;

/// One thing wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFinding {
    /// The file: `cudnn.toml`, `frameworks/jax.toml`.
    pub file: String,
    /// The row: `9.1`, `0.4.31 cuda12`.
    pub row: String,
    /// What is wrong with it.
    #[serde(serialize_with = "as_text")]
    pub problem: RowProblem,
}

/// What can be wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// A row out of order, or twice.
    #[error("does not come after `{before}`")]
    Order {
        /// The row before it.
        before: String,
    },
    /// A number between two rows has none, and the later row does not say so.
    #[error("no row for `{missing}`; if there is no such release, say `after = \"{before}\"`")]
    Gap {
        /// The first number without a row.
        missing: String,
        /// The row before.
        before: String,
    },
    /// A value names a row that is not there.
    #[error("{what} `{value}` has no row in {file}")]
    Unknown {
        /// `CUDA`, `capability`, …
        what: &'static str,
        /// The value.
        value: String,
        /// Where a row belongs.
        file: &'static str,
    },
    /// Two values that should not be the other way round.
    #[error("{low} `{low_value}` is above {high} `{high_value}`")]
    Above {
        /// What should be the lower.
        low: &'static str,
        /// Its value.
        low_value: String,
        /// What should be the higher.
        high: &'static str,
        /// Its value.
        high_value: String,
    },
    /// A cuDNN that no build exists of for that CUDA.
    #[error("cuDNN `{cudnn}` is not built for CUDA `{cuda}`")]
    CudnnMismatch {
        /// The cuDNN.
        cudnn: String,
        /// The CUDA.
        cuda: String,
    },
    /// Code for a capability that the toolkit can't compile for.
    #[error("CUDA `{cuda}` does not compile for capability `{capability}`")]
    NotCompiled {
        /// The CUDA.
        cuda: String,
        /// The capability.
        capability: String,
    },
    /// A day that is none.
    #[error("{what} `{value}` is not a day such as `2026-11-21`")]
    NotADay {
        /// `checked`, `released`, …
        what: &'static str,
        /// The value.
        value: String,
    },
    /// Something a row owes.
    #[error("has no {what}")]
    Missing {
        /// `source`, `wheels`, …
        what: &'static str,
    },
    /// A word that means nothing here.
    #[error("{what} `{value}` is not one of {known}")]
    Word {
        /// `flavour`, `segment`, …
        what: &'static str,
        /// The value.
        value: String,
        /// Those there are.
        known: &'static str,
    },
    /// What a build pins of a package is no PEP 440 range.
    #[error("`{range}` of `{package}` is not a version range such as `>=9.1,<10`")]
    NotARange {
        /// The package.
        package: String,
        /// What was found.
        range: String,
    },
    /// Two rows under one name.
    #[error("`{name}` is also `{other}`")]
    SameName {
        /// The name.
        name: String,
        /// The other row.
        other: String,
    },
    /// Nothing can carry it, and it does not say `unbuildable`.
    #[error("no base image serves it ({need}), and it does not say `unbuildable`")]
    NoBase {
        /// What would have to be there.
        need: String,
    },
    /// What a release before it has ended already.
    #[error("has `{what}`, and `{before}` before it has not")]
    Returns {
        /// `own-floors`, …
        what: &'static str,
        /// The row before.
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
