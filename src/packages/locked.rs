//! The closure in the form that the lock keeps.

use pep508_rs::VersionOrUrl;

use crate::manifest::Requirement;
use crate::parser;

/// The name in a lock for the default index of this host's configuration.
pub const DEFAULT_INDEX: &str = "default";

/// One Python distribution of the closure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockedPackage {
    /// The normalised name.
    pub name: String,
    /// The PEP 440 version with its local label; empty if `url` is set.
    pub version: String,
    /// The URL of the artefact, if a requirement names it.
    pub url: Option<String>,
    /// `default`, or the URL of its index.
    pub index: String,
    /// The hashes, `sha256:…`, sorted. Of a package that is built, the hash of its source.
    pub hashes: Vec<String>,
    /// The origins of the request.
    pub via: Vec<String>,
    /// How the needs of a package that is built are known. `None`: a wheel is installed.
    pub built: Option<SourceMetadata>,
}

/// How the needs of a source are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceMetadata {
    /// It writes them down (PEP 643, or a complete `[project]` table).
    Static,
    /// Its code had to be run for some package of the closure, perhaps for this one.
    Dynamic,
}

/// Packages that are built from their sources, all with the same build requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceBuild {
    /// The names of the packages, sorted.
    pub packages: Vec<String>,
    /// What is installed while they are built, complete and sorted by name.
    pub requirements: Vec<BuildRequirement>,
}

/// One distribution that is there while a package is built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BuildRequirement {
    pub name: String,
    pub version: String,
    /// `sha256:…`, sorted.
    pub hashes: Vec<String>,
}

/// The complete closure of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageClosure {
    /// The packages, sorted by name.
    pub packages: Vec<LockedPackage>,
    /// How those that have no wheel are built. Each is in one of them.
    pub builds: Vec<SourceBuild>,
}

impl LockedPackage {
    /// The package as lines of a requirements file, with its hashes.
    #[must_use]
    pub fn requirement(&self) -> String {
        let head = match &self.url {
            Some(url) => format!("{} @ {url}", self.name),
            None => format!("{}=={}", self.name, self.version),
        };
        with_hashes(head, &self.hashes)
    }
}

impl BuildRequirement {
    /// The distribution as lines of a requirements file, with its hashes.
    #[must_use]
    pub fn requirement(&self) -> String {
        with_hashes(format!("{}=={}", self.name, self.version), &self.hashes)
    }

    /// The distribution as one of a closure.
    pub(super) fn as_package(&self) -> LockedPackage {
        let Self { name, version, hashes } = self.clone();
        let index = DEFAULT_INDEX.to_owned();
        LockedPackage { name, version, url: None, index, hashes, via: Vec::new(), built: None }
    }
}

fn with_hashes(head: String, hashes: &[String]) -> String {
    let mut text = head;
    for hash in hashes {
        text.push_str(" \\\n    --hash=");
        text.push_str(hash);
    }
    text.push('\n');
    text
}

impl LockedPackage {
    /// Whether it is the package of a requirement, in a version that the requirement allows.
    #[must_use]
    pub fn is_release_of(&self, requirement: &Requirement) -> bool {
        self.name == requirement.package().as_str() && self.answers(requirement)
    }

    /// Whether it satisfies a requirement of its package. For an artefact with an address no version is compared.
    #[must_use]
    pub fn answers(&self, requirement: &Requirement) -> bool {
        if let Some(address) = requirement.address() {
            let line = self.url.as_ref().map(|url| format!("{} @ {url}", self.name));
            return line.and_then(|line| line.parse::<Requirement>().ok()?.address()) == Some(address);
        }
        let Ok(read) = parser::requirement(requirement.as_str()) else { return false };
        match read.version_or_url {
            Some(VersionOrUrl::VersionSpecifier(wanted)) if self.url.is_none() => {
                parser::version(&self.version).is_some_and(|version| wanted.contains(&version))
            }
            _ => true,
        }
    }
}
