//! What one line of the project's files asks of a framework: its releases, its build, or a package that goes with it.
//!
//! Such a line is a fact of the request, beside the manifest's own. It adds no second distribution of the framework.

use std::collections::BTreeSet;

use super::origin::FactOrigin;
use super::shared::{self, Range};
use crate::manifest::{FrameworkId, PackageName};
use crate::matrix;
use crate::matrix::rows::{BuildRow, ReleaseRow};
use crate::version::{PythonVersion, VersionRange};

/// One line about a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkLine {
    pub framework: FrameworkId,
    /// The line as it is written, without comment and hashes.
    pub text: String,
    pub origin: FactOrigin,
    pub demand: LineDemand,
    /// Whether the line asks for its package. A line of a constraints file only limits it.
    pub asks: bool,
    /// The Pythons for which the line's marker is true. `None`: all.
    pub pythons: Option<BTreeSet<PythonVersion>>,
}

/// The demand of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineDemand {
    /// Releases of the framework, and perhaps one build.
    Release {
        versions: VersionRange,
        /// The label of the build: `cu118` in `2.1.0+cu118`.
        label: Option<String>,
        /// The distribution, if the line's name means only one: `cupy-cuda12x`.
        package: Option<String>,
    },
    /// A distribution that is compiled against the framework.
    Companion {
        name: PackageName,
        versions: VersionRange,
        /// The label of its build, which is that of the framework's build.
        label: Option<String>,
        /// Whether the framework's rows have its releases.
        in_rows: bool,
    },
    /// One of NVIDIA's libraries: `nvidia-cudnn-cu12`, with its range.
    Library { name: String, range: String },
    /// An index of the makers.
    Index {
        address: String,
        /// Whether it replaces the default index. Else it is only a preference among the builds of one release.
        only: bool,
    },
}

impl LineDemand {
    /// Whether an index is that of the build.
    #[must_use]
    pub fn names(&self, build: &BuildRow) -> bool {
        matches!(self, Self::Index { address, .. } if is_served_by(build, address))
    }
}

impl FrameworkLine {
    /// Whether the line's marker is true for this Python.
    pub(super) fn counts_for(&self, python: &PythonVersion) -> bool {
        self.pythons.as_ref().is_none_or(|held| held.contains(python))
    }

    /// Whether the line asks for the framework itself.
    pub(super) fn asks_for_framework(&self) -> bool {
        self.asks && matches!(self.demand, LineDemand::Release { .. })
    }

    /// Whether a build meets the line. In a CPU environment, a CPU build takes the place of a CUDA build.
    pub(super) fn admits(&self, release: &ReleaseRow, build: &BuildRow, gpu: bool) -> bool {
        let is_free = !gpu && build.cuda.is_none();
        self.admits_release(release) && (is_free || self.admits_build(release, build))
    }

    /// Whether a release meets the line, with any of its builds.
    pub(super) fn admits_release(&self, release: &ReleaseRow) -> bool {
        match &self.demand {
            LineDemand::Release { versions, .. } => {
                release.builds.iter().any(|build| accepts(versions, release, build))
            }
            LineDemand::Companion { name, versions, in_rows, .. } => match release.companions.get(name.as_str()) {
                Some(version) => crate::parser::version(version).is_none_or(|version| versions.accepts(&version)),
                None => !in_rows && goes_with(name, versions, release),
            },
            LineDemand::Library { .. } | LineDemand::Index { .. } => true,
        }
    }

    fn admits_build(&self, release: &ReleaseRow, build: &BuildRow) -> bool {
        match &self.demand {
            LineDemand::Release { versions, label, package } => {
                accepts(versions, release, build)
                    && label.as_ref().is_none_or(|label| is_labelled(build, label))
                    && package.as_ref().is_none_or(|package| *package == build.package)
            }
            LineDemand::Companion { label, .. } => label.as_ref().is_none_or(|label| is_labelled(build, label)),
            LineDemand::Library { name, range } => admits_library(build, name, range),
            LineDemand::Index { address, only } => !only || is_served_by(build, address),
        }
    }

    /// Whether the line prefers a build to others of its release.
    pub(super) fn prefers(&self, build: &BuildRow) -> bool {
        self.demand.names(build)
    }

    /// Whether the line names a build with CUDA.
    pub(super) fn names_cuda(&self) -> bool {
        match &self.demand {
            LineDemand::Release { label, package, .. } => {
                package.is_some() || label.as_ref().is_some_and(|label| label != "cpu")
            }
            LineDemand::Companion { label, .. } => label.as_ref().is_some_and(|label| label != "cpu"),
            LineDemand::Library { .. } | LineDemand::Index { .. } => false,
        }
    }

    /// The line without the label of a build. `None`: it has none.
    pub(super) fn without_label(&self) -> Option<Self> {
        let demand = match self.demand.clone() {
            LineDemand::Release { versions, label: Some(_), package } => {
                LineDemand::Release { versions, label: None, package }
            }
            LineDemand::Companion { name, versions, label: Some(_), in_rows } => {
                LineDemand::Companion { name, versions, label: None, in_rows }
            }
            _ => return None,
        };
        let (head, rest) = self.text.split_once('+')?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        Some(Self { text: format!("{head}{}", &rest[end..]), demand, ..self.clone() })
    }

    /// The line that asks for exactly what a build brings: the least change of this line that leads to it. `None`: it
    /// must be removed.
    pub(super) fn changed_to(&self, release: &ReleaseRow, build: &BuildRow) -> Option<Self> {
        let end = self.text.find(|c: char| "=<>!~;@( ".contains(c)).unwrap_or(self.text.len());
        let marker = self.text.split_once(';').map(|(_, marker)| format!(" ; {}", marker.trim())).unwrap_or_default();
        let (name, version, demand) = match &self.demand {
            LineDemand::Release { package, .. } => {
                let version = posted(release, build).unwrap_or_else(|| release.version.pep440().clone()).to_string();
                let package = package.as_ref().map(|_| build.package.clone());
                let name = package.clone().unwrap_or_else(|| self.text[..end].to_owned());
                (name, version, LineDemand::Release { versions: range(&release.version), label: None, package })
            }
            LineDemand::Companion { name, in_rows, .. } => {
                let version = companion(name, release, &[])?;
                let versions = VersionRange::exactly(&version)?;
                let demand = LineDemand::Companion { name: name.clone(), versions, label: None, in_rows: *in_rows };
                (self.text[..end].to_owned(), version, demand)
            }
            LineDemand::Library { .. } | LineDemand::Index { .. } => return None,
        };
        Some(Self { text: format!("{}=={version}{marker}", name.trim()), demand, ..self.clone() })
    }
}

fn range(version: &crate::version::ReleaseVersion) -> VersionRange {
    VersionRange::exactly(&version.to_string()).unwrap_or_default()
}

fn accepts(versions: &VersionRange, release: &ReleaseRow, build: &BuildRow) -> bool {
    let posted = || posted(release, build).is_some_and(|posted| versions.accepts(&posted));
    versions.accepts(release.version.pep440()) || posted()
}

/// The version with the post release of a publisher's own index: `2.6.2.post120`.
fn posted(release: &ReleaseRow, build: &BuildRow) -> Option<pep440_rs::Version> {
    let suffix = build.version_suffix();
    suffix.starts_with('.').then(|| crate::parser::version(&format!("{}{suffix}", release.version))).flatten()
}

/// Whether a label names the build: `cu118`, also as `cu118.with.pypi.cudnn`.
fn is_labelled(build: &BuildRow, label: &str) -> bool {
    let first = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
    let label = first(label);
    build.variant == label || build.local.as_ref().is_some_and(|local| first(local) == label)
}

/// Whether an address serves the build: it is its index, or ends in its name.
fn is_served_by(build: &BuildRow, address: &str) -> bool {
    let address = address.trim_end_matches('/');
    let page = address.rsplit('/').next().unwrap_or_default();
    let folder = if matrix::rows::is_page_of_links(page) { address.rsplit('/').nth(1) } else { Some(page) };
    build.index.trim_end_matches('/') == address || folder.is_some_and(|folder| is_labelled(build, folder))
}

fn admits_library(build: &BuildRow, name: &str, range: &str) -> bool {
    let major = name.rsplit_once("-cu").and_then(|(_, major)| major.parse::<u32>().ok());
    if let (Some(major), Some(cuda)) = (major, &build.cuda)
        && cuda.major() != major
    {
        return false;
    }
    let stem = shared::stem(name);
    let asked = Range::parse(range).unwrap_or_default();
    shared::packages(build).iter().filter(|(other, _)| shared::stem(other) == stem).all(|(other, pinned)| {
        let pinned = Range::parse(pinned).unwrap_or_default();
        other == name && shared::meet([&pinned, &asked].into_iter())
    })
}

/// Whether a companion has a release in `versions` that is compiled against the framework's release. Later releases of
/// both than those listed can go together, and earlier ones.
fn goes_with(name: &PackageName, versions: &VersionRange, release: &ReleaseRow) -> bool {
    let Some(row) = matrix::package(name.as_str()).filter(|row| !row.goes_with.is_empty()) else { return true };
    let range = versions.to_string();
    let asked = Range::parse(&range).unwrap_or_default();
    let meets = |limit: &str| Range::parse(limit).is_some_and(|limit| shared::meet([&asked, &limit].into_iter()));
    let mut listed = row.goes_with.iter().filter(|(_, with)| is_within(release, with)).peekable();
    let is_listed = listed.peek().is_some();
    if listed.any(|(version, _)| meets(&format!("=={version}"))) {
        return true;
    }
    let bare = |version: &str| version.trim_end_matches(".*").to_owned();
    let version = release.version.pep440();
    match (row.goes_with.first(), row.goes_with.last()) {
        (Some((oldest, with)), _) if !is_listed && *version < numbers(with) => {
            !row.first && meets(&format!("<{}", bare(oldest)))
        }
        (_, Some((newest, with))) if *version >= numbers(with) => !row.last && meets(&format!(">{}", bare(newest))),
        _ => false,
    }
}

/// The numbers of a release in `goes-with`.
fn numbers(with: &str) -> pep440_rs::Version {
    crate::parser::version(with.trim_start_matches(">=")).unwrap_or_else(|| pep440_rs::Version::new([0]))
}

/// Whether a release is one of `goes-with`: it begins with its numbers, or is not below them.
fn is_within(release: &ReleaseRow, with: &str) -> bool {
    let (version, numbers) = (release.version.pep440(), numbers(with));
    if with.starts_with(">=") { *version >= numbers } else { version.release().starts_with(numbers.release()) }
}

/// The version of a companion that goes with a release, as the text after `==`: the newest that `lines` allow. `None`:
/// the data does not have it.
pub(super) fn companion(name: &PackageName, release: &ReleaseRow, lines: &[&FrameworkLine]) -> Option<String> {
    if let Some(version) = release.companions.get(name.as_str()) {
        return Some(version.clone());
    }
    let limits = lines.iter().filter_map(|line| match &line.demand {
        LineDemand::Companion { name: other, versions, .. } if other == name => Range::parse(&versions.to_string()),
        _ => None,
    });
    let limits = limits.collect::<Vec<_>>();
    let allowed = |version: &String| {
        let exact = Range::parse(&format!("=={version}")).unwrap_or_default();
        shared::meet(limits.iter().chain([&exact]))
    };
    let pairs = matrix::package(name.as_str()).map_or(&[][..], |row| &row.goes_with);
    let mut listed = pairs.iter().rev().filter(|(_, with)| is_within(release, with));
    listed.find(|(version, _)| allowed(version)).map(|(version, _)| version.clone())
}
