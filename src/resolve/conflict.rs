//! A conflict as values: the clashes, each with its facts, and the ways out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::cause::Cause;
use super::conflict_fact::ConflictFact;
use super::remedy::WayOut;
use crate::error::{Exit, Report};
use crate::version::CudaVersion;

/// Nothing fits, for these independent reasons. `ui` has the words for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// At least one, the plainest first.
    pub clashes: Vec<Clash>,
    /// Ranked by least change. Each was resolved.
    pub ways_out: Vec<WayOut>,
}

/// One reason why nothing fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// The kinds of it, the first one decides the kind of the conflict.
    pub kinds: Vec<ConflictKind>,
    /// A minimal set: take any one away, and these facts have an answer. Empty where that was not found out.
    pub facts: Vec<ConflictFact>,
    /// What is between the facts.
    pub cause: Cause,
    /// The CUDA that was asked for, where it is the figure that `nvidia-smi` prints as "CUDA Version": that is the newest CUDA
    /// which the driver serves, and no version to ask for.
    pub ceiling: Option<CudaVersion>,
    /// The least changes that would meet this reason by itself, where there are others, apart from those that meet all. Each was
    /// resolved with the facts of this clash alone.
    pub ways_out: Vec<WayOut>,
}

impl Clash {
    /// One that is not yet said to be of any facts, with each kind once.
    pub(super) fn new(kinds: impl IntoIterator<Item = ConflictKind>, cause: Cause) -> Self {
        Self { kinds: unique(kinds), facts: Vec::new(), cause, ceiling: None, ways_out: Vec::new() }
    }

    /// Whether one of its facts is on this axis.
    pub(super) fn is_about(&self, axis: Axis) -> bool {
        self.facts.iter().any(|fact| fact.axis == axis)
    }
}

impl Conflict {
    /// The kind of the first clash.
    #[must_use]
    pub fn kind(&self) -> ConflictKind {
        self.clashes.iter().flat_map(|clash| &clash.kinds).copied().next().unwrap_or(ConflictKind::SearchBudget)
    }

    /// All kinds that hold, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<ConflictKind> {
        unique(self.clashes.iter().flat_map(|clash| &clash.kinds).copied())
    }
}

/// Each kind once, in the order in which it comes first.
fn unique(kinds: impl IntoIterator<Item = ConflictKind>) -> Vec<ConflictKind> {
    let mut all = Vec::new();
    for kind in kinds {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    all
}

/// The kinds alone: `ui` has the words.
impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kinds().into_iter().map(ConflictKind::as_str).collect::<Vec<_>>().join(", "))
    }
}

impl std::error::Error for Conflict {}

impl Report for Conflict {
    fn kind(&self) -> &'static str {
        Conflict::kind(self).as_str()
    }

    fn exit(&self) -> Exit {
        Exit::Conflict
    }
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
