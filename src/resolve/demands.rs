//! The demands of builds on the packages that they share: can one environment meet all of them?

use super::shared::{all_possible, packages, stem};
use crate::matrix::rows::{BuildRow, ReleaseRow, RequirementRow};
use crate::version::PythonVersion;

/// The requirements of a build on packages that other frameworks also require; none if they are unknown.
pub(super) fn requirements<'a>(release: &'a ReleaseRow, build: &'a BuildRow) -> Option<&'a [RequirementRow]> {
    build.requires.as_ref().or(release.requires.as_ref()).map(Vec::as_slice)
}

/// Whether all requirements of a build on shared packages are known. Otherwise nothing is known about which other
/// frameworks it goes with.
pub(super) fn are_known(release: &ReleaseRow, build: &BuildRow) -> bool {
    build.pins().is_some() && requirements(release, build).is_some()
}

/// All packages that a build shares with other frameworks on a Python, with the required ranges.
pub(super) fn demands(release: &ReleaseRow, build: &BuildRow, python: &PythonVersion) -> Vec<(String, String)> {
    let rows = requirements(release, build).into_iter().flatten();
    let rows = rows.filter(|row| row.python.is_empty() || row.python.contains(python));
    let required = rows.flat_map(|row| row.packages.iter().map(|(name, range)| (name.clone(), range.clone())));
    packages(build).into_iter().chain(required).collect()
}

/// Whether the demands differ between Pythons.
pub(super) fn differ_by_python(release: &ReleaseRow, build: &BuildRow) -> bool {
    requirements(release, build).into_iter().flatten().any(|row| !row.python.is_empty())
}

/// The demands of builds on the first shared package on which they disagree, each with the place of its build. They
/// disagree if no version meets all demands, or if they want it for different CUDA majors. `nvidia-cudnn-cu11` and
/// `nvidia-cudnn-cu12` install the same files, so only one of them can be installed.
pub(super) fn disagreement<'a>(
    builds: impl Iterator<Item = (&'a ReleaseRow, &'a BuildRow)>,
    python: &PythonVersion,
) -> Option<Vec<(usize, String)>> {
    let shared = builds.map(|(release, build)| demands(release, build, python)).collect::<Vec<_>>();
    for (package, _) in shared.iter().flatten() {
        let stem = stem(package);
        let asked = |(index, packages): (usize, &Vec<(String, String)>)| {
            let found = packages.iter().find(|(name, _)| self::stem(name) == stem);
            found.map(|(name, range)| (index, name.clone(), range.clone()))
        };
        let asked = shared.iter().enumerate().filter_map(asked).collect::<Vec<_>>();
        let one_major = asked.iter().all(|(_, name, _)| name == package);
        let ranges = || asked.iter().map(|(_, _, range)| range.as_str());
        if asked.len() > 1 && !(one_major && all_possible(ranges())) {
            return Some(asked.iter().map(|(index, name, range)| (*index, format!("{name}{range}"))).collect());
        }
    }
    None
}
