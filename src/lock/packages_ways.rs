//! Finds changes with which refused packages lock. Each is tried before it is named.

use super::packages_search::{Found, PackagesSearch, SearchGround};
use super::refused::PackagesWayOut;
use crate::error::Result;
use crate::manifest::Requirement;
use crate::resolve::{Decision, Remedy, Request, resolve};
use crate::version::VersionRequest;

/// The largest number of runs of uv for one kind of change.
const RUNS: usize = 8;

/// The largest number of packages whose limits are left out.
const LOOSENED: usize = 3;

/// The changes, the least one first. `first` is the decision of the first try, and `refused` the packages that refused
/// it. `is_kept` means that the decision comes from the existing lock, and `is_possible` that the project's own
/// requirements do not rule its Python out.
pub(super) async fn ways_out(
    ground: SearchGround<'_>,
    first: &Decision,
    refused: &[String],
    is_kept: bool,
    is_possible: bool,
) -> Result<Vec<PackagesWayOut>> {
    let request = ground.question.request;
    if is_kept && let Some(found) = another(ground, request).await? {
        return Ok(vec![chosen_again(&found.decision)]);
    }
    let mut ways = Vec::new();
    let open_python = Request { python: None, ..request.clone() };
    if request.python.is_some()
        && let Some(found) = another(ground, &open_python).await?
    {
        ways.extend(in_manifest(request, &found.decision));
    }
    let mut open_releases = request.clone();
    for wish in open_releases.frameworks.values_mut() {
        wish.version.value = VersionRequest::any();
    }
    if is_possible && open_releases != *request {
        let mut search = PackagesSearch::new(ground, RUNS);
        if let Some(found) = search.choose(&open_releases, first).await? {
            ways.extend(in_manifest(request, &found.decision));
        }
    }
    if ways.is_empty() && request.python.is_some() && open_releases != *request {
        let both = Request { python: None, ..open_releases };
        if let Some(found) = another(ground, &both).await? {
            ways.extend(in_manifest(request, &found.decision));
        }
    }
    for package in refused.iter().filter(|package| !is_framework(first, package)).take(LOOSENED) {
        ways.extend(without_limits(ground, first, package).await?);
    }
    Ok(ways)
}

/// The first answer to a changed request with which the packages lock.
async fn another(ground: SearchGround<'_>, request: &Request) -> Result<Option<Found>> {
    match resolve(request, ground.question.matrix) {
        Ok(resolution) => PackagesSearch::new(ground, RUNS).over(request, resolution.decision).await,
        Err(_) => Ok(None),
    }
}

fn chosen_again(decision: &Decision) -> PackagesWayOut {
    let frameworks = decision.frameworks.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
    PackagesWayOut::Upgrade { python: decision.python.to_string(), frameworks }
}

/// The edits of the manifest after which the request asks for `decision`.
fn in_manifest(request: &Request, decision: &Decision) -> Option<PackagesWayOut> {
    let mut remedies = Vec::new();
    for framework in &decision.frameworks {
        let wish = request.frameworks.get(&framework.name)?;
        if !wish.version.value.accepts(&framework.version) {
            let version = VersionRequest::exactly(&framework.version);
            remedies.push(Remedy::Framework { id: framework.name.clone(), version });
        }
    }
    if !request.accepts_python(&decision.python) {
        remedies.push(Remedy::Python(decision.python.clone()));
    }
    request.way_out(remedies).map(PackagesWayOut::Manifest)
}

fn is_framework(decision: &Decision, package: &str) -> bool {
    decision.frameworks.iter().any(|framework| framework.package == package || framework.with.contains_key(package))
}

/// The way out without the limits of the project on one package.
async fn without_limits(ground: SearchGround<'_>, first: &Decision, package: &str) -> Result<Option<PackagesWayOut>> {
    let manifest = ground.question.agreed.manifest();
    let own = manifest.python.packages.iter().map(|located| &located.value);
    let in_files = ground.files.iter().flat_map(|file| &file.content.requirements).map(|found| &found.requirement);
    let limits =
        |asked: &&Requirement| asked.package().as_str() == package && asked.without_version() != asked.as_str();
    let asked: Vec<String> = own.chain(in_files).filter(limits).map(ToString::to_string).collect();
    if asked.is_empty() {
        return Ok(None);
    }
    let mut search = PackagesSearch::new(SearchGround { loosened: Some(package), ..ground }, 1);
    let Some(closure) = search.lock(first).await? else { return Ok(None) };
    let locked = closure.packages.into_iter().find(|locked| locked.name == package);
    Ok(locked.map(|locked| PackagesWayOut::Loosen { package: package.to_owned(), asked, version: locked.version }))
}
