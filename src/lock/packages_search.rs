//! Goes over the answers that fit the frameworks until the packages accept one.
//!
//! The order: the preferred answer on each Python, the preferred Python first, then the newest. If the packages refuse
//! a framework's release itself, uv chooses among the releases that fit on that Python, and its choice is resolved and
//! locked like any other. Pythons on which the project's own requirements can't be met are passed over: a quick
//! question finds that out. A fixed number of runs of uv limits the search.

use std::collections::BTreeMap;

use super::Question;
use super::releases::OpenReleases;
use crate::error::Result;
use crate::event::{OlderPackage, PackagesTry, Sink};
use crate::matrix::Matrix;
use crate::packages::files::ReadFile;
use crate::packages::{
    ClosureRequest, OpenFramework, PackageClosure, PackageResolver, PackagesError, Preferences, Refusal, SourceBuilds,
};
use crate::resolve::{Decision, PythonSource, Request, pythons, resolve};
use crate::version::PythonVersion;

/// The largest number of choices of uv for one Python. A choice can fail only where the distributions of a maker's own
/// index ask for other packages than those of the default index.
const CHOICES: usize = 3;

/// The values that are the same for every try.
#[derive(Clone, Copy)]
pub(super) struct SearchGround<'a> {
    pub(super) question: Question<'a>,
    pub(super) resolver: &'a PackageResolver<'a>,
    pub(super) files: &'a [ReadFile],
    pub(super) preferences: Preferences<'a>,
    /// A package whose limits are left out.
    pub(super) loosened: Option<&'a str>,
    pub(super) sink: &'a dyn Sink,
}

/// A decision with the packages that accept it.
pub(super) struct Found {
    pub(super) decision: Decision,
    pub(super) closure: PackageClosure,
}

impl Found {
    /// The frameworks and the Python: `pytorch 2.4.1`, `Python 3.11`.
    pub(super) fn choice(&self) -> Vec<String> {
        choice(&self.decision)
    }
}

/// The frameworks and the Python of a decision.
pub(super) fn choice(decision: &Decision) -> Vec<String> {
    let frameworks = decision.frameworks.iter().map(|one| format!("{} {}", one.name, one.version));
    frameworks.chain([format!("Python {}", decision.python)]).collect()
}

/// One search, with its tries so far.
pub(super) struct PackagesSearch<'a> {
    ground: SearchGround<'a>,
    /// The number of runs of uv that are left.
    left: usize,
    pub(super) tried: Vec<PackagesTry>,
    /// The error of the first try, which is the one to report.
    pub(super) first: Option<PackagesError>,
    /// The refusal of the last try.
    refusal: Refusal,
    /// Whether the project's own requirements can be met, by Python.
    possible: BTreeMap<PythonVersion, bool>,
}

impl<'a> PackagesSearch<'a> {
    pub(super) fn new(ground: SearchGround<'a>, runs: usize) -> Self {
        Self {
            ground,
            left: runs,
            tried: Vec::new(),
            first: None,
            refusal: Refusal::default(),
            possible: BTreeMap::new(),
        }
    }

    /// Whether the allowed runs are used up. Then a search without a result proves nothing.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Whether the first try was refused because a package has no wheel.
    pub(super) fn needs_build(&self) -> bool {
        matches!(&self.first, Some(PackagesError::Conflict(refusal)) if !refusal.needs_build.is_empty())
    }

    /// Whether the project's own requirements are known to rule a Python out.
    pub(super) fn rules_out(&self, python: &PythonVersion) -> bool {
        self.possible.get(python) == Some(&false)
    }

    /// Searches over all answers to `request`, of which `first` is the preferred one.
    pub(super) async fn over(&mut self, request: &Request, first: Decision) -> Result<Option<Found>> {
        let mut others = other_pythons(request, &first, self.ground.question.matrix).into_iter();
        let mut refused = Vec::new();
        let mut next = Some(first);
        while let Some(decision) = next {
            if let Some(closure) = self.lock(&decision).await? {
                return Ok(Some(Found { decision, closure }));
            }
            let is_framework = self.refuses_a_framework(&decision);
            let is_possible = self.is_possible(&decision).await?;
            if is_possible && !is_framework {
                refused.push(decision);
            } else if is_possible && let Some(found) = self.choose(request, &decision).await? {
                return Ok(Some(found));
            }
            next = self.next(request, &mut others).await?;
        }
        for decision in &refused {
            if let Some(found) = self.choose(request, decision).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The preferred answer on the next Python on which the project's own requirements can be met.
    async fn next(
        &mut self,
        request: &Request,
        others: &mut impl Iterator<Item = PythonVersion>,
    ) -> Result<Option<Decision>> {
        for python in others {
            let resolved = resolve(&request.on_python(&python), self.ground.question.matrix);
            let Some(found) = resolved.ok().filter(|found| found.unbuildable.is_none()) else { continue };
            if self.is_possible(&found.decision).await? {
                return Ok(Some(found.decision));
            }
        }
        Ok(None)
    }

    /// Whether the project's own requirements can be met on a Python. The quick question spares the search every
    /// release of the frameworks there. False as well if the runs are used up.
    async fn is_possible(&mut self, decision: &Decision) -> Result<bool> {
        if let Some(known) = self.possible.get(&decision.python) {
            return Ok(*known);
        }
        if !self.take_run() {
            return Ok(false);
        }
        let checked = self.ground.resolver.check_direct(self.request(decision)).await;
        let is_possible = match checked {
            Ok(()) => true,
            Err(error) => self.refused::<()>(&decision.python, Vec::new(), error)?.is_some(),
        };
        self.possible.insert(decision.python.clone(), is_possible);
        Ok(is_possible)
    }

    /// Whether the packages refused the release of a framework, not only the Python.
    fn refuses_a_framework(&self, decision: &Decision) -> bool {
        decision.frameworks.iter().any(|framework| self.refusal.packages.contains(&framework.package))
    }

    /// Lets uv choose the releases on the Python of `near`, and locks the result.
    pub(super) async fn choose(&mut self, request: &Request, near: &Decision) -> Result<Option<Found>> {
        let request = request.on_python(&near.python);
        let mut open = OpenReleases::of(&request, near, self.ground.question.matrix);
        // The packages refused these.
        open.remove(&near.frameworks.iter().map(|one| (one.name.clone(), one.version.clone())).collect());
        for _ in 0..CHOICES {
            let Some(frameworks) = open.frameworks() else { return Ok(None) };
            let Some(chosen) = self.chosen_by_uv(near, &frameworks).await? else { return Ok(None) };
            let Some(chosen) = open.chosen(&chosen) else { return Ok(None) };
            let fixed = chosen.iter().fold(request.clone(), |fixed, (id, version)| fixed.with_release(id, version));
            let resolved = resolve(&fixed, self.ground.question.matrix).ok();
            if let Some(resolved) = resolved.filter(|resolved| resolved.unbuildable.is_none()) {
                let decision = resolved.decision;
                if let Some(closure) = self.lock(&decision).await? {
                    return Ok(Some(Found { decision, closure }));
                }
            }
            open.remove(&chosen);
        }
        Ok(None)
    }

    /// The packages that are old because nothing is built.
    pub(super) async fn older(&self, found: &Found) -> Vec<OlderPackage> {
        self.ground.resolver.older_without_builds(self.request(&found.decision), &found.closure.packages).await
    }

    /// Locks the packages beside one decision. `None`: they refuse it, or the runs are used up.
    pub(super) async fn lock(&mut self, decision: &Decision) -> Result<Option<PackageClosure>> {
        if !self.take_run() {
            return Ok(None);
        }
        let locked = self.ground.resolver.closure(self.request(decision), self.ground.sink).await;
        let frameworks = decision.frameworks.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
        locked.map(Some).or_else(|error| self.refused(&decision.python, frameworks, error))
    }

    async fn chosen_by_uv(
        &mut self,
        near: &Decision,
        frameworks: &[OpenFramework],
    ) -> Result<Option<BTreeMap<String, String>>> {
        if !self.take_run() {
            return Ok(None);
        }
        let chosen = self.ground.resolver.choose(self.request(near), frameworks, self.ground.sink).await;
        chosen.map(Some).or_else(|error| self.refused(&near.python, Vec::new(), error))
    }

    fn request<'r>(&'r self, decision: &'r Decision) -> ClosureRequest<'r> {
        let SearchGround { question, files, preferences, loosened, .. } = self.ground;
        let Question { agreed, builds, .. } = question;
        ClosureRequest { agreed, decision, files, preferences, builds, loosened }
    }

    fn take_run(&mut self) -> bool {
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Notes a refusal. Any other error ends the search, unless it is about a later try's own index.
    fn refused<T>(
        &mut self,
        python: &PythonVersion,
        frameworks: Vec<String>,
        error: PackagesError,
    ) -> Result<Option<T>> {
        self.refusal = match &error {
            PackagesError::Conflict(refusal) => Refusal::clone(refusal),
            PackagesError::HashMismatch { package, .. } => {
                Refusal { packages: vec![package.clone()], reason: error.to_string(), ..Refusal::default() }
            }
            PackagesError::NeedsCode { package, .. } => {
                let packages = vec![package.clone()];
                Refusal { needs_build: packages.clone(), packages, reason: error.to_string(), ..Refusal::default() }
            }
            // Nobody asked for sources: they are one more try.
            PackagesError::UnusableSource { .. } | PackagesError::BuildRequirements { .. }
                if self.ground.question.builds == SourceBuilds::Static =>
            {
                Refusal { reason: error.to_string(), ..Refusal::default() }
            }
            PackagesError::IndexUnreachable { framework: Some(_), .. } if self.first.is_some() => {
                Refusal { reason: error.to_string(), ..Refusal::default() }
            }
            _ => return Err(error.into()),
        };
        let refused = self.refusal.packages.clone();
        let reason = self.refusal.reason.clone();
        self.tried.push(PackagesTry { python: python.to_string(), frameworks, refused, reason });
        self.first.get_or_insert(error);
        Ok(None)
    }
}

/// The Pythons to try after the preferred one. The Python of a user's own image is not known, so there is no other.
fn other_pythons(request: &Request, first: &Decision, matrix: &Matrix) -> Vec<PythonVersion> {
    if first.python_source == PythonSource::Image {
        return Vec::new();
    }
    let mut others = pythons(request, matrix);
    others.retain(|python| *python != first.python);
    others
}
