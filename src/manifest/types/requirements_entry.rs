//! The type of one file of `[python] requirements`, with what is taken from it.

use std::fmt;
use std::str::FromStr;

use super::{PackageName, ProjectPath, ValueError};

/// A file with requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementsEntry {
    pub file: ProjectPath,
    /// The extras of a `pyproject.toml`.
    pub extras: Vec<PackageName>,
    /// The dependency groups of a `pyproject.toml`.
    pub groups: Vec<PackageName>,
    /// The packages that are left out.
    pub skip: Vec<PackageName>,
}

impl RequirementsEntry {
    /// The whole file: of a `pyproject.toml` its dependencies without extras and groups.
    #[must_use]
    pub fn whole(file: ProjectPath) -> Self {
        Self { file, extras: Vec::new(), groups: Vec::new(), skip: Vec::new() }
    }

    /// Whether it takes anything but the whole file.
    #[must_use]
    pub fn is_selective(&self) -> bool {
        !(self.extras.is_empty() && self.groups.is_empty() && self.skip.is_empty())
    }
}

impl FromStr for RequirementsEntry {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse().map(Self::whole)
    }
}

/// `pyproject.toml (extras dev, groups test, without x)`
impl fmt::Display for RequirementsEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        let names = |names: &[PackageName]| names.iter().map(PackageName::as_str).collect::<Vec<_>>().join(" ");
        let parts = [("extras", &self.extras), ("groups", &self.groups), ("without", &self.skip)];
        let parts = parts.iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<_> = parts.map(|(word, list)| format!("{word} {}", names(list))).collect();
        if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
    }
}
