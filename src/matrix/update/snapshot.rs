//! Everything that the index answered, as one value, so that the derivation of rows is a pure function.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::index::{IndexError, PackageIndex, PublishedWheel, WheelMember, Wheels, uploaded_before};
use super::recipe::{BuildRule, FrameworkRecipe};
use crate::manifest::Arch;

/// Every architecture of the rows.
pub const ARCHES: [Arch; 3] = [Arch::X86_64, Arch::Aarch64, Arch::Ppc64le];

/// The end of the name of a wheel's METADATA.
const METADATA: &str = ".dist-info/METADATA";

/// Wheels and texts inside them.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    wheels: BTreeMap<String, Wheels>,
    texts: BTreeMap<WheelMember, String>,
}

impl Snapshot {
    /// Reads the data that `recipe` needs from the default index, for the releases that `wanted` accepts. With a day in
    /// `before`, it reads the index as it was at the start of that day.
    ///
    /// # Errors
    ///
    /// The first page or wheel that cannot be read, because rows from half an index would look like withdrawn releases.
    pub fn read(
        recipe: &FrameworkRecipe,
        index: &mut dyn PackageIndex,
        wanted: &dyn Fn(&Version) -> bool,
        before: Option<&str>,
    ) -> Result<Self, IndexError> {
        let packages = recipe.packages();
        let mut wheels = BTreeMap::new();
        for (package, page) in packages.iter().zip(index.pages(None, &packages)) {
            let files = match before {
                Some(day) => uploaded_before(page?, package, day)?,
                None => page?,
            };
            wheels.insert(package.clone(), Wheels::of(files));
        }
        let mut snapshot = Self { wheels, texts: BTreeMap::new() };
        let members: Vec<WheelMember> = snapshot.members(recipe, wanted).into_iter().collect();
        for (member, text) in members.iter().zip(index.members(&members)) {
            if let Some(text) = text? {
                snapshot.texts.insert(member.clone(), text);
            }
        }
        Ok(snapshot)
    }

    /// The wheels of one version of a package; empty if it was not published.
    #[must_use]
    pub fn wheels(&self, package: &str, version: &Version) -> &[PublishedWheel] {
        self.wheels.get(package).and_then(|wheels| wheels.0.get(version)).map_or(&[], Vec::as_slice)
    }

    /// The versions of a package that are releases, oldest first.
    pub fn releases(&self, package: &str) -> impl DoubleEndedIterator<Item = &Version> {
        let versions = self.wheels.get(package).into_iter().flat_map(|wheels| wheels.0.keys());
        versions.filter(|version| !version.any_prerelease())
    }

    /// The day on which a version was published.
    #[must_use]
    pub fn released(&self, package: &str, version: &Version) -> Option<String> {
        self.wheels.get(package)?.released(version)
    }

    /// The METADATA of the version for an architecture.
    #[must_use]
    pub fn metadata(&self, package: &str, version: &Version, arch: Arch) -> Option<&str> {
        self.text(package, version, arch, METADATA)
    }

    /// A file inside the version's wheel for an architecture.
    #[must_use]
    pub fn text(&self, package: &str, version: &Version, arch: Arch, suffix: &str) -> Option<&str> {
        let wheel = representative(self.wheels(package, version), arch)?;
        self.texts.get(&member(wheel, suffix)).map(String::as_str)
    }

    fn members(&self, recipe: &FrameworkRecipe, wanted: &dyn Fn(&Version) -> bool) -> BTreeSet<WheelMember> {
        let mut members = BTreeSet::new();
        for rule in recipe.builds.iter().filter(|rule| rule.is_derived()) {
            let in_range = |version: &&Version| {
                wanted(version) && recipe.releases.contains(version) && rule.releases.contains(version)
            };
            let package = recipe.package(rule);
            for version in self.releases(package).filter(in_range) {
                self.add_members(recipe, rule, version, &mut members);
            }
            if !rule.parts.is_empty() {
                for part in &rule.parts {
                    // The METADATA of the parts and of the framework together decide which releases of the parts fit.
                    self.add_metadata(part, &mut members);
                }
            }
        }
        for companion in recipe.companions.iter().filter(|companion| !companion.same_version) {
            self.add_metadata(&companion.package, &mut members);
        }
        members
    }

    fn add_members(
        &self,
        recipe: &FrameworkRecipe,
        rule: &BuildRule,
        version: &Version,
        members: &mut BTreeSet<WheelMember>,
    ) {
        let package = recipe.package(rule);
        for arch in rule.arch.as_deref().unwrap_or(&ARCHES) {
            let Some(wheel) = representative(self.wheels(package, version), *arch) else { continue };
            if recipe.reads_metadata(rule) {
                members.insert(member(wheel, METADATA));
            }
            if let Some(probe) = &rule.probe {
                members.insert(member(wheel, &probe.file));
            }
        }
    }

    fn add_metadata(&self, package: &str, members: &mut BTreeSet<WheelMember>) {
        for version in self.releases(package) {
            let of_arch = |arch| representative(self.wheels(package, version), arch);
            members.extend(ARCHES.into_iter().filter_map(of_arch).map(|wheel| member(wheel, METADATA)));
        }
    }
}

/// The wheel that represents the others of its architecture: the last by name, so that the choice is stable.
fn representative(wheels: &[PublishedWheel], arch: Arch) -> Option<&PublishedWheel> {
    let of_arch = wheels.iter().rev().find(|wheel| wheel.name.is_for(arch));
    of_arch.or_else(|| wheels.iter().rev().find(|wheel| wheel.name.is_pure()))
}

fn member(wheel: &PublishedWheel, suffix: &str) -> WheelMember {
    WheelMember { url: wheel.published.url.clone(), suffix: suffix.to_owned(), sidecar: wheel.published.sidecar }
}
