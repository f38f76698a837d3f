//! Checks that the builds of a lock file and its packages go together.

use std::ops::Range;

use super::shape::LockShape;
use super::shape_value::wrong_hash;
use crate::manifest::PackageName;

/// The largest number of requirements of all builds together.
const MOST_REQUIREMENTS: usize = 2_000;

impl LockShape {
    /// The first mistake of the builds, with its span. Each package that is built is in one of them, and no other.
    pub(super) fn wrong_build(&self) -> Option<(String, Option<Range<usize>>)> {
        let requirements = || self.builds.iter().flat_map(|build| &build.requirements);
        if requirements().count() > MOST_REQUIREMENTS {
            return Some((format!("its builds have more than {MOST_REQUIREMENTS} requirements"), None));
        }
        for one in requirements() {
            if let Some((error, span)) = wrong_hash(&one.hashes) {
                return Some((format!("{error}; allowed: {}", error.allowed), Some(span)));
            }
            if one.version.get_ref().as_str().is_empty() || one.hashes.is_empty() {
                let reason = format!("`{}` of a build needs a version and a hash", one.name.get_ref());
                return Some((reason, Some(one.name.span())));
            }
        }
        let named = || self.builds.iter().flat_map(|build| &build.packages);
        for package in self.packages.iter().filter(|package| package.is_built()) {
            if named().filter(|name| *name.get_ref() == *package.name.get_ref()).count() != 1 {
                let reason = format!("`{}` is built, and is not in one `source-build`", package.name.get_ref());
                return Some((reason, Some(package.name.span())));
            }
        }
        let is_built =
            |name: &PackageName| self.packages.iter().any(|one| one.is_built() && one.name.get_ref() == name);
        let other = named().find(|name| !is_built(name.get_ref()))?;
        Some((format!("`{}` is in a `source-build`, and is not built", other.get_ref()), Some(other.span())))
    }
}
