//! The other answers to a request, for a caller whose packages refuse the preferred one.
//!
//! The resolver knows frameworks only. So it lists what else fits them, in its order of preference, and the caller
//! tries each with the packages.

use super::axis::{question, stated};
use super::origin::{Asked, FactOrigin};
use super::remedy::{Remedy, WayOut, with_remedies};
use super::request::Request;
use super::rows::Rows;
use super::search::solve;
use crate::manifest::{FrameworkId, PythonRequest};
use crate::matrix::{self, Matrix};
use crate::version::{PythonVersion, ReleaseVersion, VersionRequest};

impl Request {
    /// The same request for this Python alone.
    #[must_use]
    pub fn on_python(&self, python: &PythonVersion) -> Self {
        let origin = self.python.as_ref().map_or(FactOrigin::Envctl, |asked| asked.origin.clone());
        let python = Some(Asked { value: PythonRequest::exactly(python), origin });
        Self { python, ..self.clone() }
    }

    /// The same request for this release of a framework alone.
    #[must_use]
    pub fn with_release(&self, id: &FrameworkId, version: &ReleaseVersion) -> Self {
        self.with_releases(id, VersionRequest::exactly(version))
    }

    /// The same request with other releases of a framework.
    #[must_use]
    pub fn with_releases(&self, id: &FrameworkId, releases: VersionRequest) -> Self {
        let mut changed = self.clone();
        if let Some(wish) = changed.frameworks.get_mut(id) {
            wish.version.value = releases;
        }
        changed
    }

    /// The manifest after `remedies`, for a caller that tried the changed request. `None`: there is no change.
    #[must_use]
    pub fn way_out(&self, remedies: Vec<Remedy>) -> Option<WayOut> {
        if remedies.is_empty() {
            return None;
        }
        Some(WayOut { manifest: with_remedies(&self.manifest.text, &remedies)?, remedies, target: None })
    }

    /// Whether every fact about the Python accepts `python`.
    #[must_use]
    pub fn accepts_python(&self, python: &PythonVersion) -> bool {
        [&self.python, &self.requires_python].into_iter().flatten().all(|asked| asked.value.accepts(python))
    }
}

/// The Pythons that may have an answer, the newest first. Those that neither uv nor a distribution
/// provides are left out.
#[must_use]
pub fn pythons(request: &Request, matrix: &Matrix) -> Vec<PythonVersion> {
    let shipped = matrix.distributions().iter().filter_map(|row| row.python.as_ref());
    let of_wheels = request.frameworks.iter().flat_map(|(id, wish)| {
        let releases = matrix.framework(id).into_iter().flat_map(|file| &file.releases);
        let asked = releases.filter(|release| wish.version.value.accepts(&release.version));
        asked.flat_map(|release| &release.builds).flat_map(|build| &build.wheels).flat_map(|wheel| &wheel.python)
    });
    let mut all = if request.frameworks.is_empty() {
        shipped.clone().cloned().collect::<Vec<_>>()
    } else {
        of_wheels.cloned().collect()
    };
    let shipped = shipped.collect::<Vec<_>>();
    all.retain(|python| *python >= matrix::uv().oldest_python || shipped.contains(&python));
    all.retain(|python| request.accepts_python(python));
    all.sort_by(|a, b| b.cmp(a));
    all.dedup();
    all
}

/// The requested releases of a framework with which the request has an answer, the oldest first.
#[must_use]
pub fn fitting_releases(request: &Request, matrix: &Matrix, id: &FrameworkId) -> Vec<ReleaseVersion> {
    let rows = Rows::of(matrix);
    rows.allow_more();
    let (Some(file), Some(wish)) = (matrix.framework(id), request.frameworks.get(id)) else { return Vec::new() };
    let fits = |version: &&ReleaseVersion| {
        let only = request.with_release(id, version);
        solve(&question(&only, &rows, &stated(&only))).is_some()
    };
    let asked =
        file.releases.iter().map(|release| &release.version).filter(|version| wish.version.value.accepts(version));
    asked.filter(fits).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Layer, LayerKind, Manifest};
    use crate::resolve::{Overrides, resolve};

    fn request(text: &str, matrix: &Matrix) -> Request {
        let text = format!("name = \"lab\"\n{text}\n[gpu]\ndevices = \"none\"\n");
        let layer = Layer { path: "envctl.toml".into(), text, kind: LayerKind::Project };
        let manifest = Manifest::parse_layers(vec![layer]).unwrap();
        Request::new(&manifest, None, &Overrides { no_host: true, ..Overrides::default() }, matrix).unwrap()
    }

    fn words<T: ToString>(values: &[T]) -> String {
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_python_is_one_that_the_request_accepts_and_somebody_provides() {
        let matrix = Matrix::embedded();
        let range = request("[frameworks]\npytorch = \"2.4\"\n[python]\nversion = \">=3.9,<3.12\"", &matrix);
        assert_eq!(words(&pythons(&range, &matrix)), "3.11 3.10 3.9");
        let old = request("[frameworks]\npytorch = \"1.4\"", &matrix);
        let found = pythons(&old, &matrix);
        assert_eq!(words(&found), "3.8 3.7 3.6 3.5");
        for python in found {
            assert!(resolve(&old.on_python(&python), &matrix).is_ok(), "{python}");
        }
    }

    #[test]
    fn the_releases_that_fit_are_those_that_resolve() {
        let matrix = Matrix::embedded();
        let asked = request("[frameworks]\npytorch = \">=2.3,<2.6\"\n[python]\nversion = \"3.12\"", &matrix);
        let id = "pytorch".parse().unwrap();
        let found = fitting_releases(&asked, &matrix, &id);
        assert!(found.contains(&"2.4.0".parse().unwrap()) && found.is_sorted(), "{}", words(&found));
        for release in found {
            let decision = resolve(&asked.with_release(&id, &release), &matrix).unwrap().decision;
            assert_eq!(decision.frameworks[0].version, release);
        }
    }
}
