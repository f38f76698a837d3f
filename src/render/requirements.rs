//! Writes the lock's packages as requirements files, with their hashes.
//!
//! The frameworks and their closure have files of their own, so that a changed package list does not rebuild the layer
//! with the gigabytes. Packages that are built are in neither. Each index has its own file, because a requirements file has only one index.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::{Lock, LockedPackage};
use crate::packages::{DEFAULT_INDEX, OURS};

/// The files of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequirementsLayer {
    /// The title in the Dockerfile's comment.
    pub(super) title: &'static str,
    /// The path in the context.
    pub(super) directory: &'static str,
    pub(super) groups: Vec<IndexGroup>,
}

/// The packages from one index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexGroup {
    /// The file name in the layer's directory.
    pub(super) file: String,
    /// The index. `None`: the default one.
    pub(super) index: Option<String>,
    pub(super) text: String,
}

/// The layers with any packages, the least changing first.
pub(super) fn layers(lock: &Lock) -> Vec<RequirementsLayer> {
    let below = below_frameworks(lock);
    let wheels = lock.packages.iter().filter(|package| package.built.is_none());
    let (frameworks, rest): (Vec<_>, Vec<_>) = wheels.partition(|package| below.contains(package.name.as_str()));
    let layers = [
        ("The frameworks and what they need.", "requirements/frameworks", frameworks),
        ("The other Python packages.", "requirements/packages", rest),
    ];
    let filled = layers.into_iter().filter(|(_, _, packages)| !packages.is_empty());
    filled
        .map(|(title, directory, packages)| RequirementsLayer { title, directory, groups: groups(&packages) })
        .collect()
}

/// The names of the frameworks, their companions, pip, and all of their dependencies.
fn below_frameworks(lock: &Lock) -> BTreeSet<&str> {
    let frameworks = &lock.decision.frameworks;
    let roots: BTreeSet<&str> =
        frameworks.iter().flat_map(|f| f.with.keys().map(String::as_str).chain([f.package.as_str()])).collect();
    let mut asked_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in &lock.packages {
        for via in &package.via {
            asked_by.entry(via).or_default().push(&package.name);
        }
    }
    let names = lock.packages.iter().map(|package| package.name.as_str());
    let mut reached: Vec<&str> = names.filter(|name| roots.contains(name)).collect();
    reached.extend(asked_by.get(OURS).into_iter().flatten());
    let mut below = BTreeSet::new();
    while let Some(name) = reached.pop() {
        if below.insert(name) {
            reached.extend(asked_by.get(name).into_iter().flatten());
        }
    }
    below
}

fn groups(packages: &[&LockedPackage]) -> Vec<IndexGroup> {
    let mut by_index: BTreeMap<Option<&str>, String> = BTreeMap::new();
    for package in packages {
        let index = Some(package.index.as_str()).filter(|index| *index != DEFAULT_INDEX);
        by_index.entry(index).or_default().push_str(&package.requirement());
    }
    let numbered = by_index.into_iter().enumerate();
    numbered
        .map(|(at, (index, text))| IndexGroup { file: format!("{at}.txt"), index: index.map(str::to_owned), text })
        .collect()
}
