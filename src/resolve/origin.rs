//! Facts with the source that states them.

use std::fmt;
use std::ops::Range;

use crate::host::FactSource;

/// A requested or detected value with its origin. Conflicts consist of such values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<T> {
    pub value: T,
    /// The origin of the value.
    pub origin: FactOrigin,
}

/// The source that states a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactOrigin {
    /// A key of the manifest, or of a file over it.
    Manifest {
        /// The file and the line: `envctl.toml:4`. None: no file contains it.
        place: Option<String>,
        /// The bytes of the value in the merged text.
        span: Option<Range<usize>>,
    },
    /// Another file of the project, by its name and the line: `pyproject.toml:7`.
    File(String),
    /// An option on the command line: `--driver`.
    CommandLine(&'static str),
    /// The machine, with the method of detection: `NVML`.
    Host(String),
    /// A lock, by the name of its file.
    Lock(String),
    /// envctl: a default, or a trial value.
    Envctl,
}

impl From<&FactSource> for FactOrigin {
    fn from(source: &FactSource) -> Self {
        match source {
            FactSource::Option(option) => Self::CommandLine(option),
            FactSource::Found(name) => Self::Host(name.clone()),
        }
    }
}

impl<T> Asked<T> {
    /// A trial value, which no source states.
    pub(super) fn tried(value: T) -> Self {
        Self { value, origin: FactOrigin::Envctl }
    }

    /// Another value of the same origin.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Asked<U> {
        let Self { value, origin } = self;
        Asked { value: change(value), origin }
    }

    /// Whether a manifest states the value, so that an edit of the manifest can change it.
    pub(super) fn is_in_manifest(&self) -> bool {
        matches!(self.origin, FactOrigin::Manifest { span: Some(_), .. })
    }
}

impl fmt::Display for FactOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest { place, .. } => place.as_deref().unwrap_or("configuration"),
            Self::File(place) => place,
            Self::CommandLine(option) => option,
            Self::Host(how) => how,
            Self::Lock(name) => name,
            Self::Envctl => "the default",
        })
    }
}
