//! The data that a package index publishes, in our own types, and the trait that reads it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wheel::WheelName;

/// One file that an index lists for a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Published {
    /// Where it lies.
    pub url: String,
    /// `torch-2.4.1-cp312-cp312-manylinux1_x86_64.whl`
    pub file: String,
    /// Withdrawn: never counts.
    pub yanked: bool,
    /// The versions of Python it says it needs; `None`: it does not say.
    pub requires_python: Option<String>,
    /// When it was uploaded, RFC 3339.
    pub uploaded: Option<String>,
    /// Its METADATA is served beside it (PEP 658).
    pub sidecar: bool,
}

/// A file inside a wheel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WheelMember {
    /// The wheel's address.
    pub url: String,
    /// How the name of the file inside ends: `.dist-info/METADATA`, `torch/version.py`.
    pub suffix: String,
    /// Whether the index serves the METADATA beside the wheel.
    pub sidecar: bool,
}

/// Why an index did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// pip can't be run.
    #[error("can't run `{program} -m pip`: {message}")]
    NoPip {
        /// The interpreter tried.
        program: String,
        /// What the system or pip said.
        message: String,
    },
    /// The index or the file can't be read.
    #[error("can't read `{what}`: {message}")]
    Unreachable {
        /// The package or the wheel.
        what: String,
        /// What pip said.
        message: String,
    },
    /// The index does not tell when a file came.
    #[error("the index does not say when `{file}` of `{package}` was uploaded")]
    Undated {
        /// The package.
        package: String,
        /// The file.
        file: String,
    },
}

/// The files that lay on the index when `day` (`YYYY-MM-DD`) began.
///
/// # Errors
///
/// A file whose day the index does not tell: whether it was there nobody knows.
pub fn uploaded_before(files: Vec<Published>, package: &str, day: &str) -> Result<Vec<Published>, IndexError> {
    if let Some(undated) = files.iter().find(|file| file.uploaded.is_none()) {
        return Err(IndexError::Undated { package: package.to_owned(), file: undated.file.clone() });
    }
    let is_older = |file: &Published| file.uploaded.as_deref().is_some_and(|uploaded| uploaded < day);
    Ok(files.into_iter().filter(is_older).collect())
}

/// A package index, default or a vendor's.
pub trait PackageIndex {
    /// The files of each package on the default index, or on the one whose address is given.
    fn pages(&mut self, index: Option<&str>, packages: &[String]) -> Vec<Result<Vec<Published>, IndexError>>;

    /// The texts of files inside wheels, in the order asked; `None` where the wheel has no such file.
    fn members(&mut self, members: &[WheelMember]) -> Vec<Result<Option<String>, IndexError>>;
}

/// The wheels of one package by version, without withdrawn files and other systems' wheels.
#[derive(Clone, Debug, Default)]
pub struct Wheels(pub BTreeMap<pep440_rs::Version, Vec<PublishedWheel>>);

/// A wheel that runs on Linux.
#[derive(Clone, Debug)]
pub struct PublishedWheel {
    /// What its name says.
    pub name: WheelName,
    /// What the index says.
    pub published: Published,
}

impl Wheels {
    /// Sorts an index page by version. Names that are no wheel of a PEP 440 version are left out, as pip does.
    #[must_use]
    pub fn of(files: Vec<Published>) -> Self {
        let mut versions: BTreeMap<_, Vec<PublishedWheel>> = BTreeMap::new();
        for published in files.into_iter().filter(|file| !file.yanked) {
            if let Some(name) = WheelName::parse(&published.file).filter(WheelName::runs_on_linux) {
                versions.entry(name.version.clone()).or_default().push(PublishedWheel { name, published });
            }
        }
        for wheels in versions.values_mut() {
            wheels.sort_by(|a, b| a.published.file.cmp(&b.published.file));
        }
        Self(versions)
    }

    /// The day the first wheel of a version was uploaded, `YYYY-MM-DD`.
    #[must_use]
    pub fn released(&self, version: &pep440_rs::Version) -> Option<String> {
        let days = self.0.get(version)?.iter().filter_map(|wheel| wheel.published.uploaded.as_deref()?.get(..10));
        days.min().map(str::to_owned)
    }
}
