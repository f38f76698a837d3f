//! The subjects that a user can ask the matrix to show: a curated table or a framework, complete or filtered.
//!
//! `envctl matrix show` prints these rows with their sources.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::rows::{CapabilityRow, CudaRow, CudnnRow, DistributionRow, FrameworkFile, GpuRow, ImageRow, ReleaseRow};
use super::{Matrix, MatrixError};
use crate::manifest::FrameworkId;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, VersionRequest};

/// A table, or a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Cuda,
    Capabilities,
    Gpus,
    Cudnn,
    Distributions,
    Images,
    /// One framework's releases.
    Framework(FrameworkId),
}

const TABLES: [(&str, Subject); 6] = [
    ("cuda", Subject::Cuda),
    ("capabilities", Subject::Capabilities),
    ("gpus", Subject::Gpus),
    ("cudnn", Subject::Cudnn),
    ("distributions", Subject::Distributions),
    ("images", Subject::Images),
];

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Framework(id) => f.write_str(id.as_str()),
            table => f.write_str(TABLES.iter().find(|(_, known)| known == table).map_or("", |(name, _)| name)),
        }
    }
}

impl Subject {
    /// Every subject of a matrix.
    pub fn all(matrix: &Matrix) -> impl Iterator<Item = Self> {
        let tables = TABLES.into_iter().map(|(_, subject)| subject);
        tables.chain(matrix.frameworks().map(|known| Self::Framework(known.id.clone())))
    }

    /// The subject with this name: a table's name, also in the singular, or any name of a framework.
    pub fn find(matrix: &Matrix, name: &str) -> Result<Self, MatrixError> {
        let wanted = name.to_ascii_lowercase();
        let table = TABLES.into_iter().find(|(known, _)| {
            *known == wanted
                || known.strip_suffix('s') == Some(&wanted)
                || (wanted == "capability" && *known == "capabilities")
        });
        let found = table.map(|(_, subject)| subject);
        found.or_else(|| matrix.framework_called(name).cloned().map(Self::Framework)).ok_or_else(|| {
            let known = Self::all(matrix).map(|subject| subject.to_string()).collect::<Vec<_>>();
            let near = known
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(a, &wanted).total_cmp(&strsim::jaro_winkler(b, &wanted)));
            MatrixError::UnknownSubject { name: name.to_owned(), near: near.cloned().unwrap_or_default(), known }
        })
    }

    /// The rows of the subject. `only` selects some: a version (`12` is every 12.x), a GPU's name or capability, a
    /// base, a release.
    pub fn rows<'a>(&self, matrix: &'a Matrix, only: Option<&str>) -> Result<SubjectRows<'a>, MatrixError> {
        let rows = self.narrowed(matrix, only);
        if rows.is_empty() {
            let only = only.unwrap_or_default().to_owned();
            let near = match self {
                Self::Gpus => matrix.gpus_like(&only).iter().map(|row| row.name.clone()).collect(),
                Self::Distributions => matrix.distributions_like(&only).iter().map(|row| row.id.clone()).collect(),
                _ => Vec::new(),
            };
            return Err(MatrixError::NoRows { subject: self.to_string(), only, near });
        }
        Ok(rows)
    }

    fn narrowed<'a>(&self, matrix: &'a Matrix, only: Option<&str>) -> SubjectRows<'a> {
        let only = only.unwrap_or_default();
        let all = only.is_empty();
        match self {
            Self::Cuda => {
                let version = only.parse::<CudaVersion>();
                let rows = matrix.cuda().iter().filter(|row| {
                    all || version.as_ref().is_ok_and(|version| fits(&row.version, version, CudaVersion::within))
                });
                SubjectRows::Cuda(rows.collect())
            }
            Self::Capabilities => {
                let rows = matrix.capabilities().iter().filter(|row| {
                    all || row.capability.to_string() == only
                        || row.capability.major.to_string() == only
                        || row.generation.eq_ignore_ascii_case(only)
                });
                SubjectRows::Capabilities(rows.collect())
            }
            Self::Gpus => {
                let capability = only.parse::<ComputeCapability>().ok();
                let named = matrix.gpu(only).map(|row| &row.name).filter(|_| !all);
                let rows = matrix
                    .gpus()
                    .iter()
                    .filter(|row| all || Some(row.capability) == capability || named == Some(&row.name));
                SubjectRows::Gpus(rows.collect())
            }
            Self::Cudnn => {
                let version = only.parse::<CudnnVersion>().ok().filter(|_| !all);
                let meant = version.as_ref().into_iter().flat_map(|version| matrix.cudnn_within(version));
                SubjectRows::Cudnn(if all { matrix.cudnn().iter().collect() } else { meant.collect() })
            }
            Self::Distributions => {
                let named = matrix.distribution(only).map(|row| &row.id);
                let rows = matrix
                    .distributions()
                    .iter()
                    .filter(|row| all || row.id.split(':').next() == Some(only) || named == Some(&row.id));
                SubjectRows::Distributions(rows.collect())
            }
            Self::Images => {
                let version = only.parse::<CudaVersion>();
                let rows = matrix.images().iter().filter(|row| {
                    all || row.os == only
                        || row.framework.as_ref().is_some_and(|held| held.split(' ').next() == Some(only))
                        || version.as_ref().is_ok_and(|v| fits(&row.cuda, v, CudaVersion::within))
                });
                SubjectRows::Images(rows.collect())
            }
            Self::Framework(id) => {
                let version = only.parse::<VersionRequest>();
                SubjectRows::Releases(matrix.framework(id).map(|file| {
                    let newest_first = file.releases.iter().rev();
                    let accepted = newest_first
                        .filter(|row| all || version.as_ref().is_ok_and(|version| version.accepts(&row.version)));
                    (file, accepted.collect())
                }))
            }
        }
    }
}

/// Whether a request includes a row: `12`, `12.4` and `12.4.1` all include 12.4.
fn fits<V>(row: &V, wanted: &V, within: impl Fn(&V, &V) -> bool) -> bool {
    within(row, wanted) || within(wanted, row)
}

/// The requested rows.
#[derive(Clone, Debug)]
pub enum SubjectRows<'a> {
    Cuda(Vec<&'a CudaRow>),
    Capabilities(Vec<&'a CapabilityRow>),
    Gpus(Vec<&'a GpuRow>),
    Cudnn(Vec<&'a CudnnRow>),
    Distributions(Vec<&'a DistributionRow>),
    Images(Vec<&'a ImageRow>),
    /// A framework's releases, newest first.
    Releases(Option<(&'a FrameworkFile, Vec<&'a ReleaseRow>)>),
}

impl SubjectRows<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Cuda(rows) => rows.is_empty(),
            Self::Capabilities(rows) => rows.is_empty(),
            Self::Gpus(rows) => rows.is_empty(),
            Self::Cudnn(rows) => rows.is_empty(),
            Self::Distributions(rows) => rows.is_empty(),
            Self::Images(rows) => rows.is_empty(),
            Self::Releases(rows) => rows.as_ref().is_none_or(|(_, rows)| rows.is_empty()),
        }
    }

    /// The rows as JSON, with the keys of the files.
    #[must_use]
    pub fn json(&self) -> Value {
        match self {
            Self::Cuda(rows) => json!(rows),
            Self::Capabilities(rows) => json!(rows),
            Self::Gpus(rows) => json!(rows),
            Self::Cudnn(rows) => json!(rows),
            Self::Distributions(rows) => json!(rows),
            Self::Images(rows) => json!(rows),
            Self::Releases(rows) => json!(rows.as_ref().map(|(_, rows)| rows)),
        }
    }

    /// The sources of the rows, without duplicates: `SOURCE (checked DAY)`.
    #[must_use]
    pub fn sources(&self) -> Vec<String> {
        let all: Vec<(&str, &str)> = match self {
            Self::Cuda(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Capabilities(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Gpus(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Cudnn(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Distributions(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Images(rows) => rows.iter().map(|row| (&*row.source, &*row.checked)).collect(),
            Self::Releases(rows) => {
                let rows = rows.iter().flat_map(|(_, rows)| rows);
                rows.flat_map(|row| {
                    let builds = row.builds.iter().filter_map(|build| build.source.as_deref());
                    std::iter::once(&*row.source).chain(builds).map(|source| (source, &*row.checked))
                })
                .collect()
            }
        };
        let unique = all.into_iter().collect::<BTreeSet<_>>();
        unique.into_iter().map(|(source, checked)| format!("{source} (checked {checked})")).collect()
    }
}
