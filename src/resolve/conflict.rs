//! Why nothing fits, as values: the facts that clash, the kinds of clash, the ways out.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Exit, Report};
use crate::version::{ComputeCapability, DriverVersion};

/// Nothing fits: a minimal set of facts. Take any one away and a solution exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub kind: ConflictKind,
    /// All, when several independent reasons hold.
    pub kinds: Vec<ConflictKind>,
    pub message: String,
    pub facts: Vec<ConflictFact>,
    /// Ranked by least change; each was resolved.
    pub suggestions: Vec<Suggestion>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Conflict {}

impl Report for Conflict {
    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    fn exit(&self) -> Exit {
        Exit::Conflict
    }

    fn hints(&self) -> Vec<String> {
        let fewer = "ask for fewer frameworks in one environment, or name the releases of more of them";
        let undecided = (self.kind == ConflictKind::SearchBudget).then(|| fewer.to_owned());
        self.suggestions.iter().map(|suggestion| suggestion.change.clone()).chain(undecided).collect()
    }

    /// The facts in columns: what, its value, who says so.
    fn output(&self) -> Vec<String> {
        let wide =
            |column: fn(&ConflictFact) -> &String| self.facts.iter().map(|fact| column(fact).chars().count()).max();
        let (what, value) = (wide(|fact| &fact.what).unwrap_or(0), wide(|fact| &fact.value).unwrap_or(0));
        let line = |fact: &ConflictFact| format!("{:what$}  {:value$}  {}", fact.what, fact.value, fact.source);
        self.facts.iter().map(line).collect()
    }

    fn json(&self) -> Option<(&'static str, serde_json::Value)> {
        Some(("conflict", serde_json::to_value(self).expect("a conflict is plain data")))
    }
}

/// One clashing fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFact {
    pub what: String,
    pub value: String,
    pub source: String,
    /// Where in the manifest.
    #[serde(skip)]
    pub span: Option<Range<usize>>,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What to change, for people.
    pub change: String,
    /// The whole manifest after the change.
    pub manifest: String,
    /// What it assumes of the host, when the host is what has to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<SuggestedTarget>,
}

/// Host facts that a suggestion assumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedTarget {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverVersion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compute_capability: Vec<ComputeCapability>,
}

/// The kinds of conflict: a contract that people script against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    DriverTooOld,
    DriverTooNew,
    GpuMissing,
    NoSuchVersion,
    PythonUnsupported,
    GpuArchUnsupported,
    CudaUnsupported,
    CudnnMismatch,
    GlibcTooOld,
    ArchUnsupported,
    NoBaseImage,
    PackageConflict,
    /// The search was given up: nothing is known to clash.
    SearchBudget,
}

impl ConflictKind {
    /// As scripts read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriverTooOld => "driver-too-old",
            Self::DriverTooNew => "driver-too-new",
            Self::GpuMissing => "gpu-missing",
            Self::NoSuchVersion => "no-such-version",
            Self::PythonUnsupported => "python-unsupported",
            Self::GpuArchUnsupported => "gpu-arch-unsupported",
            Self::CudaUnsupported => "cuda-unsupported",
            Self::CudnnMismatch => "cudnn-mismatch",
            Self::GlibcTooOld => "glibc-too-old",
            Self::ArchUnsupported => "arch-unsupported",
            Self::NoBaseImage => "no-base-image",
            Self::PackageConflict => "package-conflict",
            Self::SearchBudget => "search-budget",
        }
    }
}
