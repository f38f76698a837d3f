//! Derives rows from a recipe and the data of the package index. The function is pure: same input, same rows.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::closure::{Closure, close};
use super::metadata::{Shared, capabilities_after, needed, number_after};
use super::recipe::{BuildRule, CuratedRelease, FrameworkRecipe, RecipeFact};
use super::requirement_rows::requirements;
use super::snapshot::{ARCHES, Snapshot};
use super::wheel_rows::{common_rows, complete_on};
use crate::manifest::Arch;
use crate::matrix::rows::{BuildRow, FrameworkFile, Libraries, ReleaseRow, RequirementRow, WheelRow};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, ReleaseVersion};

/// The rows of every release, oldest first, with `today` (`YYYY-MM-DD`) as the day of the check. An unchanged row keeps
/// its earlier day.
#[must_use]
pub fn derive(
    recipe: &FrameworkRecipe,
    snapshot: &Snapshot,
    old: Option<&FrameworkFile>,
    today: &str,
) -> FrameworkFile {
    let mut releases: Vec<ReleaseRow> =
        versions(recipe, snapshot).iter().filter_map(|version| release(recipe, snapshot, version, today)).collect();
    for row in &mut releases {
        let before = old.and_then(|file| file.releases.iter().find(|before| before.version == row.version));
        // An index need not tell the day of an upload.
        row.released = row.released.take().or_else(|| before.and_then(|before| before.released.clone()));
        if let Some(before) = before.filter(|before| super::text::says_the_same(before, row)) {
            row.checked.clone_from(&before.checked);
        }
    }
    FrameworkFile { framework: recipe.framework.clone(), releases }
}

/// The releases that get a row: those with a wheel for Linux, and the curated ones.
fn versions(recipe: &FrameworkRecipe, snapshot: &Snapshot) -> BTreeSet<Version> {
    let derived = recipe.builds.iter().filter(|rule| rule.is_derived());
    let published = derived.flat_map(|rule| snapshot.releases(recipe.package(rule))).cloned();
    let curated = recipe.curated.iter().map(|release| release.version.pep440().clone());
    published.filter(|version| recipe.releases.contains(version)).chain(curated).collect()
}

/// The row of one release. `None`: no rule makes a build of it.
fn release(recipe: &FrameworkRecipe, snapshot: &Snapshot, version: &Version, today: &str) -> Option<ReleaseRow> {
    let mut builds = Vec::new();
    let mut taken = BTreeSet::new();
    for rule in recipe.builds.iter().filter(|rule| rule.releases.contains(version)) {
        let place = |arch| (recipe.package(rule).to_owned(), rule.extras.clone(), rule.cuda.clone(), arch);
        let made = self::builds(recipe, rule, snapshot, version, |arch| taken.contains(&place(arch)));
        if rule.is_derived() {
            taken.extend(made.iter().flat_map(|build| build.wheels.iter().map(|row| place(row.arch))));
        }
        builds.extend(made);
    }
    if builds.is_empty() {
        return None;
    }
    let requires = common_requirements(&mut builds);
    let curated = recipe.curated.iter().find(|release| release.version.pep440() == version);
    let released = released(recipe, snapshot, version, curated);
    for build in &mut builds {
        build.uploaded.take_if(|day| released.as_ref().is_some_and(|released| *day <= *released));
    }
    let facts: Vec<&RecipeFact> = recipe.facts.iter().filter(|fact| fact.releases.contains(version)).collect();
    let exclude_newer = facts.iter().rev().find_map(|fact| fact.exclude_newer.clone());
    Some(ReleaseRow {
        version: release_version(version),
        companions: companions(recipe, snapshot, version, &facts),
        system_packages: facts.iter().flat_map(|fact| fact.system_packages.clone()).collect(),
        pins: facts.iter().flat_map(|fact| fact.pins.clone()).collect(),
        // A release after that day was made with knowledge of the change.
        exclude_newer: exclude_newer.filter(|day| released.as_ref().is_none_or(|released| released < day)),
        released,
        verify: facts.iter().rev().find_map(|fact| fact.verify.clone()),
        unbuildable: facts.iter().rev().find_map(|fact| fact.unbuildable.clone()),
        requires,
        builds,
        source: recipe.source.clone(),
        checked: today.to_owned(),
    })
}

/// The requirements of the first build that has some. They are those of the release, so builds with the same ones, and
/// builds of an index that is not read, keep none.
fn common_requirements(builds: &mut [BuildRow]) -> Option<Vec<RequirementRow>> {
    let common = builds.iter().find_map(|build| build.requires.clone())?;
    for build in builds.iter_mut().filter(|build| build.requires.as_ref() == Some(&common)) {
        build.requires = None;
    }
    Some(common)
}

fn release_version(version: &Version) -> ReleaseVersion {
    version.to_string().parse().expect("a version prints as one")
}

fn released(
    recipe: &FrameworkRecipe,
    snapshot: &Snapshot,
    version: &Version,
    curated: Option<&CuratedRelease>,
) -> Option<String> {
    let derived = recipe.builds.iter().filter(|rule| rule.is_derived());
    let days = derived.filter_map(|rule| snapshot.released(recipe.package(rule), version));
    curated.and_then(|release| release.released.clone()).or_else(|| days.min())
}

/// The companions of the release: from METADATA, from an equal version number, or from the recipe's facts, which win.
fn companions(
    recipe: &FrameworkRecipe,
    snapshot: &Snapshot,
    version: &Version,
    facts: &[&RecipeFact],
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for companion in recipe.companions.iter().filter(|companion| companion.releases.contains(version)) {
        let package = &companion.package;
        let newest = if companion.same_version {
            Some(version.to_string())
        } else {
            let pins = |candidate: &&Version| pinned(snapshot, package, candidate, &recipe.framework.package, version);
            snapshot.releases(package).rev().find(pins).map(ToString::to_string)
        };
        found.extend(newest.map(|newest| (package.clone(), newest)));
    }
    found.extend(facts.iter().flat_map(|fact| fact.companions.clone()));
    found
}

/// Whether that version of the companion pins this version of the framework.
fn pinned(snapshot: &Snapshot, companion: &str, candidate: &Version, package: &str, version: &Version) -> bool {
    let Some(metadata) = ARCHES.iter().find_map(|arch| snapshot.metadata(companion, candidate, *arch)) else {
        return false;
    };
    let needed = super::metadata::needed(metadata, Arch::X86_64, &[]);
    let pin = needed.iter().find(|needed| needed.name == package);
    pin.is_some_and(|pin| {
        pin.specifiers.iter().any(|s| s.to_string().starts_with("==")) && pin.specifiers.contains(version)
    })
}

/// The contents of a build on one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    cuda: Option<CudaVersion>,
    cudnn: Option<CudnnVersion>,
    capabilities: Vec<ComputeCapability>,
    shared: Option<BTreeMap<String, String>>,
}

/// The builds that a rule makes of a release: one, or several if their contents differ between architectures.
fn builds(
    recipe: &FrameworkRecipe,
    rule: &BuildRule,
    snapshot: &Snapshot,
    version: &Version,
    is_taken: impl Fn(Arch) -> bool,
) -> Vec<BuildRow> {
    let package = recipe.package(rule);
    let arches = rule.arch.as_deref().unwrap_or(&ARCHES);
    if !rule.is_derived() {
        let wheels = curated_wheels(rule, snapshot, version, arches);
        let held = Held {
            cuda: rule.cuda.clone(),
            cudnn: rule.cudnn.clone(),
            capabilities: rule.capabilities.clone(),
            shared: pins(recipe, rule, snapshot, version, arches),
        };
        return if wheels.is_empty() { Vec::new() } else { vec![build(rule, package, held, wheels)] };
    }
    let mut groups: Vec<(Held, BuildRow)> = Vec::new();
    for arch in arches.iter().copied().filter(|arch| !is_taken(*arch)) {
        let Some(closure) = close(recipe, rule, version, snapshot, arch) else { continue };
        let Some(held) = held(rule, package, version, snapshot, arch, &closure) else { continue };
        let packages: Vec<_> = closure.parts.iter().map(|(name, version)| snapshot.wheels(name, version)).collect();
        let rows = with_glibc(rule, common_rows(&packages, &[arch], &rule.python));
        if rows.is_empty() {
            continue;
        }
        let uploaded = complete_on(&packages, &rows);
        if let Some((_, build)) = groups.iter_mut().find(|(other, _)| *other == held) {
            build.wheels.extend(rows);
            build.uploaded = build.uploaded.take().zip(uploaded).map(|(a, b)| a.max(b));
        } else {
            let requires = requirements(recipe, &closure, snapshot, arch, &rows);
            let build = BuildRow { requires, uploaded, ..build(rule, package, held.clone(), rows) };
            groups.push((held, build));
        }
    }
    groups.into_iter().map(|(_, build)| build).collect()
}

/// The pins of a build on an index that is not read: from the recipe, or from a package of the default index that takes
/// its parts from there (`jax[cuda12_pip]`). `None`: unknown.
fn pins(
    recipe: &FrameworkRecipe,
    rule: &BuildRule,
    snapshot: &Snapshot,
    version: &Version,
    arches: &[Arch],
) -> Option<BTreeMap<String, String>> {
    let package = recipe.package(rule);
    if rule.cuda.is_none() || rule.libraries == Libraries::System {
        return None;
    }
    let of_default_package = || {
        let arch = *arches.first().filter(|_| rule.has_default_package(package))?;
        let mut shared = Shared::default();
        for needed in &needed(snapshot.metadata(package, version, arch)?, arch, &rule.extras) {
            shared.add(needed);
        }
        Some(shared.rows()).filter(|pins| !pins.is_empty())
    };
    recipe.pins_of(rule, version, arches).or_else(of_default_package)
}

/// The contents of the build on an architecture. `None`: a CUDA build without a CUDA there.
fn held(
    rule: &BuildRule,
    package: &str,
    version: &Version,
    snapshot: &Snapshot,
    arch: Arch,
    closure: &Closure,
) -> Option<Held> {
    if rule.cpu {
        return Some(Held { cuda: None, cudnn: None, capabilities: Vec::new(), shared: None });
    }
    let probed = rule.probe.as_ref().and_then(|probe| {
        let text = snapshot.text(package, version, arch, &probe.file)?;
        Some((probe, text))
    });
    let number = |word: fn(&super::recipe::Probe) -> Option<&String>| {
        let (probe, text) = probed?;
        number_after(text, word(probe)?)
    };
    let probed_cuda = number(|probe| probe.cuda.as_ref()).and_then(|text| text.parse::<CudaVersion>().ok());
    // `cuda = '10'`: an old build names only its major.
    let probed_cuda = probed_cuda.map(|version| version.prefix(2)).filter(|version| version.minor().is_some());
    let probed_cudnn = number(|probe| probe.cudnn.as_ref()).and_then(|text| text.parse::<CudnnVersion>().ok());
    let probed_capabilities = probed.and_then(|(probe, text)| {
        let found = capabilities_after(text, probe.capabilities.as_ref()?);
        found.iter().map(|text| text.parse().ok()).collect::<Option<Vec<ComputeCapability>>>()
    });
    let cuda = closure.shared.cuda().or(probed_cuda).or_else(|| rule.cuda.clone())?;
    let cudnn = closure.shared.cudnn().or_else(|| rule.cudnn.clone()).or(probed_cudnn);
    let capabilities =
        probed_capabilities.filter(|found| !found.is_empty()).unwrap_or_else(|| rule.capabilities.clone());
    let shared = closure.shared.rows();
    // A build with libraries of the system needs no pins.
    let known = !closure.read.is_empty() && (rule.libraries == Libraries::Wheel || !shared.is_empty());
    Some(Held { cuda: Some(cuda), cudnn, capabilities, shared: known.then_some(shared) })
}

/// The wheels of a build from an index that is not read.
fn curated_wheels(rule: &BuildRule, snapshot: &Snapshot, version: &Version, arches: &[Arch]) -> Vec<WheelRow> {
    let Some(like) = &rule.like else { return rule.wheels.clone() };
    let mut rows = common_rows(&[snapshot.wheels(like, version)], arches, &[]);
    if !rule.python.is_empty() {
        for row in &mut rows {
            row.python.retain(|python| rule.python.contains(python));
        }
        rows.retain(|row| !row.python.is_empty());
    }
    with_glibc(rule, rows)
}

fn with_glibc(rule: &BuildRule, mut rows: Vec<WheelRow>) -> Vec<WheelRow> {
    if let Some(least) = &rule.glibc {
        for row in rows.iter_mut().filter(|row| row.glibc < *least) {
            row.glibc.clone_from(least);
        }
    }
    rows
}

fn build(rule: &BuildRule, package: &str, held: Held, wheels: Vec<WheelRow>) -> BuildRow {
    let digits = held.cuda.as_ref().map(|cuda| cuda.to_string().replace('.', "")).unwrap_or_default();
    BuildRow {
        variant: rule.variant.replace("{cuda}", &digits),
        package: package.to_owned(),
        extras: rule.extras.clone(),
        index: rule.index.clone(),
        index_packages: rule.index_packages.clone(),
        local: rule.local.clone(),
        cuda: held.cuda,
        cudnn: held.cudnn,
        libraries: rule.libraries,
        capabilities: held.capabilities,
        driver_minimum: rule.driver_minimum.clone(),
        shared: held.shared,
        requires: None,
        uploaded: None,
        wheels,
        unlisted: rule.unlisted,
        unbuildable: rule.unbuildable.clone(),
        source: rule.source.clone(),
    }
}
