//! The names on the Python index that belong to a framework, and the addresses of the makers' own indexes. Both are in
//! the binary and not overlaid, because only with them a line of a file has a meaning.
//!
//! A line with such a name asks for the framework, and for no second distribution beside it.

use std::sync::OnceLock;

use serde::Deserialize;

use super::embedded;
use crate::manifest::FrameworkId;

/// One name that belongs to a framework (`packages.toml`, `[[package]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackageRow {
    /// The normalised name, `tensorflow-gpu`.
    pub name: String,
    pub framework: FrameworkId,
    pub kind: PackageKind,
    /// The only distribution that the name means, if each CUDA has its own: `cupy-cuda12x`.
    pub build: Option<String>,
    /// The extras that choose a build, not more packages.
    #[serde(default)]
    pub build_extras: Vec<String>,
    /// Releases of a companion, each with the release of the framework that it is compiled against, oldest first. Both
    /// are prefixes: `0.7.*` goes with every 2.8, and what goes with `>=2.11` also with later releases.
    #[serde(default)]
    pub goes_with: Vec<(String, String)>,
    /// Whether no release of the companion is for earlier releases of the framework.
    #[serde(default)]
    pub first: bool,
    /// Whether no release of the companion is for later releases of the framework.
    #[serde(default)]
    pub last: bool,
    /// The builds for which the makers' own index has the companion. `None`: for no build.
    pub makers_index: Option<MakersIndex>,
    pub source: String,
    pub checked: String,
}

/// What a name is to its framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageKind {
    /// A name of the framework itself.
    Build,
    /// A distribution that is compiled against the framework.
    Companion,
    /// A distribution that the framework itself installs.
    Part,
    /// Nightly builds of the framework, which are never chosen.
    Nightly,
}

/// The builds for which the makers' own index has a companion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MakersIndex {
    /// Every build.
    All,
    /// The builds with CUDA.
    Cuda,
}

/// One of NVIDIA's libraries (`libraries.toml`, `[[library]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LibraryRow {
    /// The normalised name without its CUDA, `nvidia-cudnn`.
    pub name: String,
    pub source: String,
    pub checked: String,
}

/// One address under which a framework's makers serve its builds (`indexes.toml`, `[[index]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MakersAddressRow {
    /// The start of the addresses of its indexes and pages.
    pub address: String,
    pub framework: FrameworkId,
    pub source: String,
    pub checked: String,
}

impl PackageRow {
    /// Whether the makers' own index of a build has the companion.
    #[must_use]
    pub fn is_on_index_of(&self, has_cuda: bool) -> bool {
        match self.makers_index {
            None => false,
            Some(MakersIndex::All) => true,
            Some(MakersIndex::Cuda) => has_cuda,
        }
    }
}

/// Every name that belongs to a framework, in order.
#[must_use]
pub fn packages() -> &'static [PackageRow] {
    static PACKAGES: OnceLock<Vec<PackageRow>> = OnceLock::new();
    PACKAGES.get_or_init(|| embedded::subject("packages"))
}

/// The framework's name that a normalised package name is.
#[must_use]
pub fn package(name: &str) -> Option<&'static PackageRow> {
    let all = packages();
    all.binary_search_by(|row| row.name.as_str().cmp(name)).ok().map(|at| &all[at])
}

/// Every one of NVIDIA's libraries that frameworks install, in order.
#[must_use]
pub fn libraries() -> &'static [LibraryRow] {
    static LIBRARIES: OnceLock<Vec<LibraryRow>> = OnceLock::new();
    LIBRARIES.get_or_init(|| embedded::subject("libraries"))
}

/// The library that a normalised package name means, for any CUDA: `nvidia-cudnn-cu12`, `nvidia-cudnn`.
#[must_use]
pub fn library(name: &str) -> Option<&'static LibraryRow> {
    let is_cuda = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    let stem = name.rsplit_once("-cu").filter(|(_, end)| is_cuda(end)).map_or(name, |(stem, _)| stem);
    libraries().iter().find(|row| row.name == stem)
}

/// Every address of makers, in order.
#[must_use]
pub fn makers_addresses() -> &'static [MakersAddressRow] {
    static ADDRESSES: OnceLock<Vec<MakersAddressRow>> = OnceLock::new();
    ADDRESSES.get_or_init(|| embedded::subject("indexes"))
}

/// The row of the makers who serve this address.
#[must_use]
pub fn makers_address(address: &str) -> Option<&'static MakersAddressRow> {
    let beneath = |row: &&MakersAddressRow| {
        address.strip_prefix(row.address.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    makers_addresses().iter().find(beneath)
}
