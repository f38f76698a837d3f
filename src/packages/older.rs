//! Finds packages that are much older than the index has them, because nothing may be built.
//!
//! Without builds, uv walks back to versions with wheels, however old they are. Two questions find that out, and
//! neither runs code of a package. The newest versions come from a run without the network and with a cache that has
//! pages of the index alone: it forbids no build, but nothing to build can be reached. Whether a newer version is kept
//! out by a build is asked with builds forbidden, as always.

use std::collections::BTreeMap;

use super::DEFAULT_INDEX;
use super::compile::CompileDepth;
use super::compile_input::CompileInput;
use super::output::PrintedPackage;
use super::resolver::{ClosureRequest, PackageResolver};
use super::{LockedPackage, PackagesError, Preferences, SourceBuilds};
use crate::event::OlderPackage;
use crate::parser;

/// A version is old if the index had a newer one this many months ago.
const MONTHS: u32 = 18;

/// The same time, where no day is the last one.
const DAYS: &str = "548 days";

/// The largest number of packages that are looked at, so that a lock takes no longer than it has to.
const MOST: usize = 8;

impl PackageResolver<'_> {
    /// The packages of another major version, before their first release, or from more than 18 months ago, because a
    /// newer one needs a build. Empty as well if uv gives no answer: the lock is right without it.
    pub async fn older_without_builds(
        &self,
        request: ClosureRequest<'_>,
        packages: &[LockedPackage],
    ) -> Vec<OlderPackage> {
        let own: Vec<&LockedPackage> =
            packages.iter().filter(|package| package.index == DEFAULT_INDEX && package.url.is_none()).collect();
        if request.builds != SourceBuilds::Refused || own.is_empty() {
            return Vec::new();
        }
        let all = own.iter().map(|package| package.name.clone()).collect();
        let Ok(newest) = self.newest(request, all, None).await else { return Vec::new() };
        let mut behind = Vec::new();
        for package in own.iter().filter_map(|package| Behind::of(package, &newest)).take(MOST) {
            if package.is_far || self.was_old(request, &package).await {
                behind.push(package);
            }
        }
        let mut older = Vec::new();
        for Behind { package, newest, .. } in behind {
            let without_wheel = self.kept_out(request, package, &own).await;
            if !without_wheel.is_empty() {
                let (name, locked) = (package.name.clone(), package.version.clone());
                older.push(OlderPackage { name, locked, newest: newest.to_owned(), without_wheel });
            }
        }
        older
    }

    /// The newest version of each package, wheel or not, up to a day.
    async fn newest(
        &self,
        request: ClosureRequest<'_>,
        names: Vec<String>,
        until: Option<String>,
    ) -> Result<BTreeMap<String, String>, PackagesError> {
        let decided = CompileInput::new(request.project(), request.decision);
        let exclude_newer = until.or(decided.exclude_newer);
        let asked = CompileInput { requirements: names, exclude_newer, ..CompileInput::default() };
        let request = ClosureRequest { preferences: Preferences::default(), ..request };
        let compiled = self.compiled(request, &asked, CompileDepth::Newest).await?;
        Ok(compiled.printed.into_iter().map(|PrintedPackage { name, version, .. }| (name, version)).collect())
    }

    /// Whether the index had a newer version 18 months before the last day.
    async fn was_old(&self, request: ClosureRequest<'_>, behind: &Behind<'_>) -> bool {
        let day = CompileInput::new(request.project(), request.decision).exclude_newer;
        let until = day.map_or_else(|| Some(DAYS.to_owned()), |day| earlier(&day));
        let name = behind.package.name.clone();
        let then = self.newest(request, vec![name.clone()], until).await.unwrap_or_default();
        let then = then.get(&name).and_then(|version| parser::version(version));
        then.zip(parser::version(&behind.package.version)).is_some_and(|(then, locked)| locked < then)
    }

    /// The packages without a wheel that keep a newer release out, if no other package becomes older.
    async fn kept_out(
        &self,
        request: ClosureRequest<'_>,
        package: &LockedPackage,
        own: &[&LockedPackage],
    ) -> Vec<String> {
        let mut asked = CompileInput::new(request.project(), request.decision);
        let limit = |one: &&LockedPackage| {
            let sign = if one.name == package.name { ">" } else { ">=" };
            format!("{}{sign}{}", one.name, one.version)
        };
        asked.constraints.extend(own.iter().map(limit));
        let request = ClosureRequest { preferences: Preferences::default(), ..request };
        match self.compiled(request, &asked, CompileDepth::Releases).await {
            Err(PackagesError::Conflict(refusal)) => refusal.needs_build,
            _ => Vec::new(),
        }
    }
}

/// A package behind the newest version.
struct Behind<'a> {
    package: &'a LockedPackage,
    newest: &'a str,
    /// Whether the version itself shows that it is far behind.
    is_far: bool,
}

impl<'a> Behind<'a> {
    /// None: it is the newest.
    fn of(package: &'a LockedPackage, newest: &'a BTreeMap<String, String>) -> Option<Self> {
        let newest = newest.get(&package.name)?;
        let (old, new) = (parser::version(&package.version)?, parser::version(newest)?);
        let major = |version: &pep440_rs::Version| version.release().first().copied();
        let is_far = major(&old) < major(&new) || old.any_prerelease() && !new.any_prerelease();
        (old < new).then_some(Self { package, newest, is_far })
    }
}

/// The day 18 months before `YYYY-MM-DD`. A day that the month does not have becomes the 28th.
fn earlier(day: &str) -> Option<String> {
    let mut parts = day.split('-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let months = (year * 12 + month).checked_sub(MONTHS + 1)?;
    Some(format!("{:04}-{:02}-{:02}", months / 12, months % 12 + 1, day.min(28)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighteen_months_before() {
        assert_eq!(earlier("2026-06-01").unwrap(), "2024-12-01");
        assert_eq!(earlier("2026-07-31").unwrap(), "2025-01-28");
        assert_eq!(earlier("2026-12-05").unwrap(), "2025-06-05");
        assert_eq!(earlier("soon"), None);
    }

    #[test]
    fn another_major_version_and_a_version_before_the_first_are_far() {
        let behind = |locked: &str, newest: &str| {
            let package = LockedPackage {
                name: "hydra-core".to_owned(),
                version: locked.to_owned(),
                url: None,
                index: DEFAULT_INDEX.to_owned(),
                hashes: Vec::new(),
                via: Vec::new(),
                built: None,
            };
            let newest = [("hydra-core".to_owned(), newest.to_owned())].into();
            Behind::of(&package, &newest).map(|behind| behind.is_far)
        };
        assert_eq!(behind("0.11.3", "1.3.2"), Some(true));
        assert_eq!(behind("1.4.0rc3", "1.4.1"), Some(true));
        assert_eq!(behind("1.2.0", "1.3.2"), Some(false));
        assert_eq!(behind("1.3.2", "1.3.2"), None);
    }
}
