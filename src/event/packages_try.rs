//! The choices of frameworks and Python that the packages of an environment refused.

use serde::Serialize;

/// One choice that was tried and refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackagesTry {
    /// The Python of the choice.
    pub python: String,
    /// The frameworks of the choice: `pytorch 2.4.1`. Empty: the resolver of packages could choose any release that fits.
    pub frameworks: Vec<String>,
    /// The packages of the project that refuse it, by name. Empty: they are not known.
    pub refused: Vec<String>,
    /// The reason in one line, in the words of the resolver of packages.
    pub reason: String,
}
