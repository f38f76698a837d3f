//! Finds which releases of a framework's own distributions are installed together, and which `nvidia-*` distributions
//! they share with other frameworks. It follows only the distributions that the recipe names as parts; uv resolves the
//! others.

use std::collections::{BTreeMap, VecDeque};

use pep440_rs::{Version, VersionSpecifiers};

use super::metadata::{Shared, needed};
use super::recipe::{BuildRule, FrameworkRecipe};
use super::snapshot::Snapshot;
use crate::manifest::Arch;

/// The distributions of one build, and the distributions that it shares with others.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// The framework's distribution and its parts, each at the newest release that fits all their requirements.
    pub parts: BTreeMap<String, Version>,
    /// The extras with which METADATA of each part was read, in order. Empty: no METADATA was read.
    pub read: Vec<(String, Vec<String>)>,
    /// The ranges of shared distributions.
    pub shared: Shared,
}

/// Follows the requirements of `package` at `version` with the extras of the rule. `None`: a part has no release that
/// fits, or no wheel for the architecture.
#[must_use]
pub fn close(
    recipe: &FrameworkRecipe,
    rule: &BuildRule,
    version: &Version,
    snapshot: &Snapshot,
    arch: Arch,
) -> Option<Closure> {
    let package = recipe.package(rule);
    let mut closure = Closure::default();
    let has_wheel = snapshot.wheels(package, version).iter().any(|w| w.name.is_for(arch) || w.name.is_pure());
    has_wheel.then_some(())?;
    closure.parts.insert(package.to_owned(), version.clone());
    if !recipe.reads_metadata(rule) {
        return Some(closure);
    }
    let mut ranges: BTreeMap<String, Vec<VersionSpecifiers>> = BTreeMap::new();
    let mut queue = VecDeque::from([(package.to_owned(), rule.extras.clone())]);
    while let Some((name, extras)) = queue.pop_front() {
        let version = closure.parts.get(&name)?.clone();
        for needed in needed(snapshot.metadata(&name, &version, arch)?, arch, &extras) {
            closure.shared.add(&needed);
            if !rule.parts.contains(&needed.name) {
                continue;
            }
            let ranges = ranges.entry(needed.name.clone()).or_default();
            ranges.push(needed.specifiers);
            let fits = |version: &&Version| ranges.iter().all(|range| range.contains(version));
            let newest = snapshot.releases(&needed.name).rev().find(fits)?.clone();
            closure.parts.insert(needed.name.clone(), newest);
            queue.push_back((needed.name, needed.extras));
        }
        closure.read.push((name, extras));
    }
    // An extra that adds no part does not exist in this release.
    let has_parts = rule.parts.iter().all(|part| closure.parts.contains_key(part));
    has_parts.then_some(closure)
}
