//! Finds out which packages of a closure are built, from which source and with what.
//!
//! No code of a package runs for that. uv names the packages without a wheel. Their sources are downloaded with the
//! [stand-in](super::stand_in) as the Python of their build: it keeps their project file and refuses the build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::build_system::build_requirements;
use super::compile::{CompileDepth, failure};
use super::compile_input::CompileInput;
use super::locked::DEFAULT_INDEX;
use super::output::{self, PrintedPackage};
use super::resolver::{ClosureRequest, PackageResolver};
use super::stand_in::{LARGEST_PROJECT, SEEN_MARK, SEEN_PROJECT, SEEN_VARIABLE};
use super::uv_run::CacheView;
use super::{
    BuildRequirement, LockedPackage, PackageClosure, PackagesError, Preferences, SourceBuild, SourceBuilds,
    SourceMetadata, SourceNotes, pylock,
};
use crate::files;
use crate::manifest::Requirement;
use crate::matrix;
use crate::resolve::Decision;
use crate::system::Scratch;

impl PackageResolver<'_> {
    /// The closure with its sources, and how they are built.
    pub(super) async fn with_sources(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        mut packages: Vec<LockedPackage>,
        (metadata, notes): (SourceMetadata, &SourceNotes),
    ) -> Result<PackageClosure, PackagesError> {
        let sources = self.without_wheels(request, asked, &packages).await?;
        let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for package in &mut packages {
            let is_archive = package.url.as_deref().is_some_and(|url| !is_wheel(url));
            match sources.get(&package.name) {
                Some(hash) if package.hashes.contains(hash) => package.hashes = vec![hash.clone()],
                Some(_) => {
                    let path = asked.allowed.get(&package.name).map_or_else(String::new, |one| one.file.clone());
                    return Err(PackagesError::HashMismatch { package: package.name.clone(), path });
                }
                None if is_archive => {}
                None => continue,
            }
            package.built = Some(metadata);
            let mut needs = self.needs(request, asked, package).await?;
            needs.extend(notes.beyond(&package.name, &needs));
            groups.entry(needs).or_default().push(package.name.clone());
        }
        let mut builds = Vec::new();
        for (needs, names) in groups {
            let requirements = self.build_closure(request, asked, &packages, needs, &names).await?;
            builds.push(SourceBuild { packages: names, requirements });
        }
        builds.sort_by(|a, b| a.packages.cmp(&b.packages));
        Ok(PackageClosure { packages, builds })
    }

    /// The packages of the default index without a wheel for the target, with the hash of the source.
    async fn without_wheels(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        packages: &[LockedPackage],
    ) -> Result<BTreeMap<String, String>, PackagesError> {
        let own = packages.iter().filter(|package| package.index == DEFAULT_INDEX && package.url.is_none());
        let requirements: Vec<String> = own.map(|package| format!("{}=={}", package.name, package.version)).collect();
        if requirements.is_empty() {
            return Ok(BTreeMap::new());
        }
        let exact =
            CompileInput { requirements, exclude_newer: asked.exclude_newer.clone(), ..CompileInput::default() };
        let text = self.compile(request, CompileDepth::Files).await?.run(&exact, request.decision).await?;
        pylock::sources(&text).map_err(|line| PackagesError::Unparsable { line })
    }

    /// What one package says that it needs while it is built.
    async fn needs(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        package: &LockedPackage,
    ) -> Result<Vec<String>, PackagesError> {
        let run = self.uv_run();
        let directory = run.scratch()?;
        let directory = directory.path();
        let unwritable = |error: std::io::Error| PackagesError::unwritable(directory, &error);
        let seen = directory.join("seen");
        std::fs::create_dir(&seen).map_err(unwritable)?;
        std::fs::write(directory.join("source.txt"), package.requirement()).map_err(unwritable)?;
        let mut uv = run.command(directory);
        uv.args(["pip", "install", "--no-deps", "--require-hashes", "--no-build-isolation", "--target", "target"])
            .args(["--no-binary", &package.name, "--requirement", "source.txt"])
            .arg("--python")
            .arg(run.stand_in(request.decision)?)
            .arg("--cache-dir")
            .arg(self.source_cache().await?)
            .env(SEEN_VARIABLE, &seen);
        let (_, words) = run.output(uv).await?;
        if !seen.join(SEEN_MARK).exists() {
            return Err(failure(&words, asked));
        }
        let project = files::read_text_if_there(&seen.join(SEEN_PROJECT), LARGEST_PROJECT)?;
        let unusable = |why| PackagesError::UnusableSource { package: package.name.clone(), why };
        let needs = build_requirements(project.as_deref()).map_err(unusable)?;
        match needs.iter().find_map(|line| framework_in(line, request.decision)) {
            Some(framework) => {
                Err(unusable(format!("it needs `{framework}` while it is built, which envctl can't give it yet")))
            }
            None => Ok(needs),
        }
    }

    /// Everything that is there while these packages are built. A version of the environment's own packages is
    /// preferred, because what is compiled against one version may not run with another.
    async fn build_closure(
        &self,
        request: ClosureRequest<'_>,
        asked: &CompileInput,
        packages: &[LockedPackage],
        requirements: Vec<String>,
        names: &[String],
    ) -> Result<Vec<BuildRequirement>, PackagesError> {
        if requirements.is_empty() {
            return Ok(Vec::new());
        }
        let exclude_newer = asked.exclude_newer.clone();
        let input = CompileInput { requirements, exclude_newer, ..CompileInput::default() };
        let kept = request.preferences.build_requirements(names);
        let own = packages.iter().filter(|package| !kept.iter().any(|one| one.name == package.name)).cloned();
        let locked: Vec<LockedPackage> = kept.iter().cloned().chain(own).collect();
        let preferences = Preferences { locked: &locked, ..Preferences::default() };
        let wheels = ClosureRequest { preferences, builds: SourceBuilds::Refused, ..request };
        let unmet = |error| PackagesError::BuildRequirements { packages: names.to_vec(), error: Box::new(error) };
        let text = self.compile(wheels, CompileDepth::Complete).await?.run(&input, request.decision).await;
        let printed = output::parse(&text.map_err(unmet)?).map_err(|line| PackagesError::Unparsable { line })?;
        let requirement = |PrintedPackage { name, version, hashes, .. }| BuildRequirement { name, version, hashes };
        Ok(printed.into_iter().map(requirement).collect())
    }

    /// A cache of uv for this resolver alone. It begins without anything that comes from sources.
    pub(super) async fn source_cache(&self) -> Result<&Path, PackagesError> {
        let cache = self.cache.get_or_try_init(async || {
            let scratch = self.uv_run().scratch()?;
            self.uv_run().view_cache(scratch.path(), CacheView::WithoutSources).await?;
            Ok::<Scratch, PackagesError>(scratch)
        });
        Ok(cache.await?.path())
    }
}

impl Preferences<'_> {
    /// The build requirements of these packages in the existing lock, as packages.
    fn build_requirements(&self, names: &[String]) -> Vec<LockedPackage> {
        if names.iter().any(|name| self.upgrade.contains(name)) {
            return Vec::new();
        }
        let old: BTreeSet<&BuildRequirement> = self
            .builds
            .iter()
            .filter(|build| build.packages.iter().any(|name| names.contains(name)))
            .flat_map(|build| &build.requirements)
            .collect();
        old.into_iter().map(BuildRequirement::as_package).collect()
    }
}

/// The framework, or a package that belongs to one, that a build requirement asks for.
fn framework_in(line: &str, decision: &Decision) -> Option<String> {
    let package = line.parse::<Requirement>().ok()?.package().to_string();
    let mut ours = decision.frameworks.iter().flat_map(|one| one.with.keys().chain([&one.package]));
    let is_one = matrix::package(&package).is_some() || ours.any(|name| *name == package);
    is_one.then_some(package)
}

/// Whether an address is one of a wheel.
fn is_wheel(url: &str) -> bool {
    url.split(['#', '?']).next().is_some_and(|path| path.strip_suffix(".whl").is_some())
}
