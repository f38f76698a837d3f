//! The releases of the frameworks that fit on one Python, among which the packages may choose.

use std::collections::BTreeMap;

use crate::manifest::FrameworkId;
use crate::matrix::Matrix;
use crate::packages::OpenFramework;
use crate::resolve::{Decision, Request, fitting_releases};
use crate::version::ReleaseVersion;

/// One release of each framework.
pub(super) type ChosenReleases = BTreeMap<FrameworkId, ReleaseVersion>;

/// The releases that are still possible.
pub(super) struct OpenReleases<'a> {
    near: &'a Decision,
    matrix: &'a Matrix,
    /// For each framework, the oldest first.
    fitting: BTreeMap<FrameworkId, Vec<ReleaseVersion>>,
    refused: Vec<ChosenReleases>,
}

impl<'a> OpenReleases<'a> {
    /// The releases with which `request` has an answer. `near` is an answer, and gives the names of the distributions.
    pub(super) fn of(request: &Request, near: &'a Decision, matrix: &'a Matrix) -> Self {
        let fitting = |id: &FrameworkId| (id.clone(), fitting_releases(request, matrix, id));
        Self { near, matrix, fitting: request.frameworks.keys().map(fitting).collect(), refused: Vec::new() }
    }

    /// Removes a choice that was refused. Of several frameworks, each release can still go with another one.
    pub(super) fn remove(&mut self, chosen: &ChosenReleases) {
        if let [(id, releases)] = &mut self.fitting.iter_mut().collect::<Vec<_>>()[..] {
            releases.retain(|release| chosen.get(*id) != Some(release));
        }
        self.refused.push(chosen.clone());
    }

    /// The frameworks with the ranges of their releases. `None`: nothing is left to choose.
    pub(super) fn frameworks(&self) -> Option<Vec<OpenFramework>> {
        let open = self.near.frameworks.iter().map(|framework| {
            let fitting = self.fitting.get(&framework.name)?;
            Some(OpenFramework {
                id: framework.name.to_string(),
                package: framework.package.clone(),
                companions: framework.with.keys().cloned().collect(),
                range: self.range(&framework.name, fitting)?,
            })
        });
        open.collect::<Option<Vec<_>>>().filter(|open| !open.is_empty())
    }

    /// uv's choice as releases of the data. `None`: it is not among those that fit, or it was refused before.
    pub(super) fn chosen(&self, versions: &BTreeMap<String, String>) -> Option<ChosenReleases> {
        let release = |(id, fitting): (&FrameworkId, &Vec<ReleaseVersion>)| {
            let version = versions.get(id.as_str())?.parse::<ReleaseVersion>().ok()?;
            Some((id.clone(), fitting.iter().find(|release| **release == version)?.clone()))
        };
        let chosen = self.fitting.iter().map(release).collect::<Option<ChosenReleases>>()?;
        (!self.refused.contains(&chosen)).then_some(chosen)
    }

    /// The range from the oldest to the newest of `fitting`, without the known releases between them that do not fit.
    fn range(&self, id: &FrameworkId, fitting: &[ReleaseVersion]) -> Option<String> {
        let (oldest, newest) = (fitting.first()?, fitting.last()?);
        let known = self.matrix.framework(id)?.releases.iter().map(|release| &release.version);
        let between = known.filter(|version| oldest < *version && *version < newest && !fitting.contains(version));
        let holes = between.filter(|version| !version.is_prerelease()).map(|version| format!(",!={version}"));
        Some(format!(">={oldest},<={newest}{}", holes.collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open<'a>(near: &'a Decision, matrix: &'a Matrix, releases: &[&str]) -> OpenReleases<'a> {
        let fitting = releases.iter().map(|release| release.parse().unwrap()).collect();
        let id = near.frameworks[0].name.clone();
        OpenReleases { near, matrix, fitting: [(id, fitting)].into(), refused: Vec::new() }
    }

    fn choice(version: &str) -> ChosenReleases {
        [("onnxruntime".parse().unwrap(), version.parse().unwrap())].into()
    }

    #[test]
    fn the_range_has_only_releases_that_fit() {
        let (near, matrix) = (crate::packages::tests::decision(), Matrix::embedded());
        let mut open = open(&near, &matrix, &["1.16.0", "1.16.2", "1.17.0"]);
        let range = |open: &OpenReleases<'_>| open.frameworks().map(|all| all[0].range.clone());
        assert_eq!(range(&open).unwrap(), ">=1.16.0,<=1.17.0,!=1.16.1,!=1.16.3");
        open.remove(&choice("1.17.0"));
        assert_eq!(range(&open).unwrap(), ">=1.16.0,<=1.16.2,!=1.16.1");
        let version = |text: &str| BTreeMap::from([("onnxruntime".to_owned(), text.to_owned())]);
        assert_eq!(open.chosen(&version("1.16.2")), Some(choice("1.16.2")));
        assert_eq!(open.chosen(&version("1.16.1")), None);
        assert_eq!(open.chosen(&version("1.17.0")), None);
        open.remove(&choice("1.16.2"));
        open.remove(&choice("1.16.0"));
        assert_eq!(range(&open), None);
    }
}
