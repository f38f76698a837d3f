//! Derives what a build requires of packages that other frameworks require as well.

use std::collections::{BTreeMap, BTreeSet};

use super::closure::Closure;
use super::metadata::{joined, ranges_on};
use super::recipe::FrameworkRecipe;
use super::snapshot::Snapshot;
use crate::manifest::Arch;
use crate::matrix::rows::{RequirementRow, WheelRow};
use crate::version::PythonVersion;

/// The requirements of the parts of a build, for the Pythons of its wheels. `None`: no METADATA was read.
#[must_use]
pub fn requirements(
    recipe: &FrameworkRecipe,
    closure: &Closure,
    snapshot: &Snapshot,
    arch: Arch,
    wheels: &[WheelRow],
) -> Option<Vec<RequirementRow>> {
    if recipe.compared.is_empty() || closure.read.is_empty() {
        return None;
    }
    let pythons = wheels.iter().flat_map(|wheel| wheel.python.iter().cloned()).collect::<BTreeSet<_>>();
    let each = pythons.into_iter().map(|python| {
        let mut ranges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (part, extras) in &closure.read {
            let metadata = snapshot.metadata(part, closure.parts.get(part)?, arch)?;
            for (package, more) in ranges_on(metadata, arch, &python, extras, &recipe.compared) {
                ranges.entry(package).or_default().extend(more);
            }
        }
        Some((python, joined(&ranges)))
    });
    Some(rows(&each.collect::<Option<Vec<_>>>()?))
}

/// The ranges of all Pythons in one row, and the others in a row for each group of Pythons that share them.
fn rows(each: &[(PythonVersion, BTreeMap<String, String>)]) -> Vec<RequirementRow> {
    let Some((_, first)) = each.first() else { return Vec::new() };
    let everywhere = |name: &str, range: &String| each.iter().all(|(_, ranges)| ranges.get(name) == Some(range));
    let common = first.clone().into_iter().filter(|(name, range)| everywhere(name, range)).collect::<BTreeMap<_, _>>();
    let mut rows = vec![RequirementRow { python: Vec::new(), packages: common.clone() }];
    for (python, ranges) in each {
        let packages =
            ranges.clone().into_iter().filter(|(name, _)| !common.contains_key(name)).collect::<BTreeMap<_, _>>();
        match rows[1..].iter_mut().find(|row| row.packages == packages) {
            Some(row) => row.python.push(python.clone()),
            None => rows.push(RequirementRow { python: vec![python.clone()], packages }),
        }
    }
    rows.retain(|row| !row.packages.is_empty());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(ranges: &[(&str, &[(&str, &str)])]) -> Vec<(PythonVersion, BTreeMap<String, String>)> {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        ranges.iter().map(|(python, pairs)| (python.parse().unwrap(), map(pairs))).collect()
    }

    #[test]
    fn what_all_pythons_share_is_one_row() {
        let ranges = each(&[
            ("3.11", &[("numpy", "<2"), ("six", ">=1.12")]),
            ("3.12", &[("numpy", ">=1.26"), ("six", ">=1.12")]),
            ("3.13", &[("numpy", ">=1.26"), ("six", ">=1.12")]),
            ("3.14", &[("six", ">=1.12")]),
        ]);
        let said = rows(&ranges).into_iter().map(|row| {
            let pythons = row.python.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            format!("{pythons}: {:?}", row.packages)
        });
        let expected = [": {\"six\": \">=1.12\"}", "3.11: {\"numpy\": \"<2\"}", "3.12 3.13: {\"numpy\": \">=1.26\"}"];
        assert_eq!(said.collect::<Vec<_>>(), expected);
        assert!(rows(&each(&[("3.11", &[])])).is_empty());
    }
}
