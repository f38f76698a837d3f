//! Facts with the source that states them.

use std::fmt;
use std::ops::Range;

/// A value that was asked for or found, with who states it: what a conflict is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<T> {
    /// The value.
    pub value: T,
    /// Who states it.
    pub origin: FactOrigin,
}

/// Who states a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactOrigin {
    /// A key of the manifest, or of a file that is laid over it.
    Manifest {
        /// The file and the line: `envctl.toml:4`. None: it is in no file.
        place: Option<String>,
        /// The bytes of the value in the merged text.
        span: Option<Range<usize>>,
    },
    /// An option of the command line: `--driver`.
    CommandLine(&'static str),
    /// The machine, with how it was learned: `NVML`.
    Host(String),
    /// A lock, by its file's name.
    Lock(String),
    /// envctl: a default, or a value that is only tried.
    Envctl,
}

impl<T> Asked<T> {
    /// A value that nobody stated: it is only tried.
    pub(super) fn tried(value: T) -> Self {
        Self { value, origin: FactOrigin::Envctl }
    }

    /// Another value of the same origin.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Asked<U> {
        let Self { value, origin } = self;
        Asked { value: change(value), origin }
    }

    /// Whether a manifest states it, so that an edit of the manifest changes it.
    pub(super) fn is_in_manifest(&self) -> bool {
        matches!(self.origin, FactOrigin::Manifest { span: Some(_), .. })
    }
}

impl fmt::Display for FactOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest { place, .. } => place.as_deref().unwrap_or("configuration"),
            Self::CommandLine(option) => option,
            Self::Host(how) => how,
            Self::Lock(name) => name,
            Self::Envctl => "the default",
        })
    }
}
