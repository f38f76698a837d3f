//! The distribution's packages that the Python packages of a lock are known to need.

use std::collections::{BTreeMap, BTreeSet};

use super::{LockedPackage, LockedSystemPackage};
use crate::manifest::Requirement;
use crate::matrix::system_libraries;
use crate::resolve::Decision;

/// The packages, in the order of their names. A user's own image has no known distribution, so it gets none.
pub(super) fn system_packages(decision: &Decision, packages: &[LockedPackage]) -> Vec<LockedSystemPackage> {
    let Some(os) = &decision.os else { return Vec::new() };
    let mut needed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in system_libraries() {
        let Some(name) = row.package_on(os) else { continue };
        for asked in row.needed_by.iter().filter_map(|text| text.parse::<Requirement>().ok()) {
            let users = packages.iter().filter(|package| package.is_release_of(&asked));
            let users: Vec<String> = users.map(|package| package.name.clone()).collect();
            if !users.is_empty() {
                needed.entry(name).or_default().extend(users);
            }
        }
    }
    let packages = needed.into_iter();
    packages.map(|(name, via)| LockedSystemPackage { name: name.to_owned(), via: via.into_iter().collect() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> LockedPackage {
        LockedPackage { name: name.to_owned(), version: version.to_owned(), ..LockedPackage::default() }
    }

    #[test]
    fn what_packages_are_known_to_need() {
        let on = |os: &str, packages: &[LockedPackage]| {
            let decision = Decision { os: Some(os.to_owned()), ..crate::packages::tests::decision() };
            system_packages(&decision, packages)
        };
        let cv = [package("opencv-python", "4.11.0.86"), package("soundfile", "0.10.3.post1")];
        let names = |os: &str| on(os, &cv).into_iter().map(|package| package.name).collect::<Vec<_>>();
        assert!(names("debian:12").contains(&"libgl1".to_owned()), "{:?}", names("debian:12"));
        assert!(names("ubuntu:16.04").contains(&"libgl1-mesa-glx".to_owned()));
        assert!(names("ubuntu:24.04").contains(&"libglib2.0-0t64".to_owned()));
        let sound: Vec<_> = on("debian:12", &cv).into_iter().filter(|package| package.via == ["soundfile"]).collect();
        assert_eq!(sound.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["libsndfile1"]);
        assert_eq!(on("debian:12", &[package("soundfile", "0.13.1"), package("numpy", "2.1")]), []);
    }
}
