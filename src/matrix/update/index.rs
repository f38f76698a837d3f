//! The data that a package index publishes, in our own types, and the trait that reads it.
//!
//! Tests use the same trait with an index in memory.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wheel::WheelName;

/// One file that an index lists for a package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Published {
    /// The file's URL.
    pub url: String,
    /// The file name, `torch-2.4.1-cp312-cp312-manylinux1_x86_64.whl`.
    pub file: String,
    /// Whether the file is withdrawn. A withdrawn file never counts.
    pub yanked: bool,
    /// The Python versions that it requires. `None`: it names none.
    pub requires_python: Option<String>,
    /// The time of the upload, RFC 3339.
    pub uploaded: Option<String>,
    /// Whether the index serves its METADATA as a separate file (PEP 658).
    pub sidecar: bool,
}

/// A file inside a wheel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WheelMember {
    /// The wheel's address.
    pub url: String,
    /// The end of the name of the file inside: `.dist-info/METADATA`, `torch/version.py`.
    pub suffix: String,
    /// Whether the index serves the METADATA as a separate file.
    pub sidecar: bool,
}

/// The reason why an index did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// pip cannot run.
    #[error("can't run `{program} -m pip`: {message}")]
    NoPip {
        /// The interpreter that was tried.
        program: String,
        /// The message of the system or of pip.
        message: String,
    },
    /// The index or the file cannot be read.
    #[error("can't read `{what}`: {message}")]
    Unreachable {
        /// The package or the wheel.
        what: String,
        /// pip's message.
        message: String,
    },
    /// The index does not give the time of an upload.
    #[error("the index does not say when `{file}` of `{package}` was uploaded")]
    Undated { package: String, file: String },
}

/// The files that the index had at the start of `day` (`YYYY-MM-DD`).
///
/// # Errors
///
/// The index gives no upload time for a file, so nobody knows whether it was there.
pub fn uploaded_before(files: Vec<Published>, package: &str, day: &str) -> Result<Vec<Published>, IndexError> {
    if let Some(undated) = files.iter().find(|file| file.uploaded.is_none()) {
        return Err(IndexError::Undated { package: package.to_owned(), file: undated.file.clone() });
    }
    let is_older = |file: &Published| file.uploaded.as_deref().is_some_and(|uploaded| uploaded < day);
    Ok(files.into_iter().filter(is_older).collect())
}

/// A package index: the default one or a vendor's.
pub trait PackageIndex {
    /// The files of each package, on the default index or on the index with the given address.
    fn pages(&mut self, index: Option<&str>, packages: &[String]) -> Vec<Result<Vec<Published>, IndexError>>;

    /// The texts of files inside wheels, in the order of the request. `None`: the wheel has no such file.
    fn members(&mut self, members: &[WheelMember]) -> Vec<Result<Option<String>, IndexError>>;
}

/// The wheels of one package by version, without withdrawn files and wheels for other systems.
#[derive(Clone, Debug, Default)]
pub struct Wheels(pub BTreeMap<pep440_rs::Version, Vec<PublishedWheel>>);

/// A wheel that runs on Linux.
#[derive(Clone, Debug)]
pub struct PublishedWheel {
    /// The data in its file name.
    pub name: WheelName,
    /// The data from the index.
    pub published: Published,
}

impl Wheels {
    /// Sorts an index page by version. Like pip, it ignores file names that are not wheels of a PEP 440 version.
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

    /// The day on which the first wheel of a version was uploaded, `YYYY-MM-DD`.
    #[must_use]
    pub fn released(&self, version: &pep440_rs::Version) -> Option<String> {
        let days = self.0.get(version)?.iter().filter_map(|wheel| wheel.published.uploaded.as_deref()?.get(..10));
        days.min().map(str::to_owned)
    }
}
