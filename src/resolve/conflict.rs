//! A conflict as values: the clashes, each with its facts, and the ways out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::cause::Cause;
use super::conflict_fact::ConflictFact;
use super::remedy::WayOut;
use crate::error::{Exit, Report};
use crate::version::CudaVersion;

/// The independent reasons why nothing fits. `ui` has the words for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The clashes: at least one, the clearest first.
    pub clashes: Vec<Clash>,
    /// The ways out, ranked by least change. Each was resolved.
    pub ways_out: Vec<WayOut>,
}

/// One reason why nothing fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Clash {
    /// The kinds of the clash. The first kind decides the kind of the conflict.
    pub kinds: Vec<ConflictKind>,
    /// A minimal set of facts: without any one of them, the others have an answer. Empty if the set is unknown.
    pub facts: Vec<ConflictFact>,
    pub cause: Cause,
    /// The requested CUDA, if it equals the "CUDA Version" of `nvidia-smi`. That figure is the newest CUDA that the
    /// driver supports, so a user should not request it as a version.
    pub ceiling: Option<CudaVersion>,
    /// The least changes that resolve the facts of this clash alone, if the conflict has other clashes. Changes that
    /// resolve the whole conflict are left out. Each was resolved.
    pub ways_out: Vec<WayOut>,
}

impl Clash {
    /// A clash without its facts yet. Each kind occurs once.
    pub(super) fn new(kinds: impl IntoIterator<Item = ConflictKind>, cause: Cause) -> Self {
        Self { kinds: unique(kinds), facts: Vec::new(), cause, ceiling: None, ways_out: Vec::new() }
    }

    /// Whether one of the facts is on this axis.
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

    /// The kinds of all clashes, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<ConflictKind> {
        unique(self.clashes.iter().flat_map(|clash| &clash.kinds).copied())
    }
}

/// Each kind once, in the order of the first occurrence.
fn unique(kinds: impl IntoIterator<Item = ConflictKind>) -> Vec<ConflictKind> {
    let mut all = Vec::new();
    for kind in kinds {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    all
}

/// Prints only the kinds: `ui` has the words.
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

/// The kinds of conflict. Their names are a contract with the users' scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    DriverTooOld,
    DriverTooNew,
    GpuMissing,
    NoSuchVersion,
    LineUnmet,
    /// No build was published by the last day.
    PublishedLater,
    PythonUnsupported,
    GpuArchUnsupported,
    CudaUnsupported,
    CudnnMismatch,
    GlibcTooOld,
    ArchUnsupported,
    NoBaseImage,
    PackageConflict,
    /// The search stopped early: no clash is known.
    SearchBudget,
}

impl ConflictKind {
    /// The name of the kind for scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriverTooOld => "driver-too-old",
            Self::DriverTooNew => "driver-too-new",
            Self::GpuMissing => "gpu-missing",
            Self::NoSuchVersion => "no-such-version",
            Self::LineUnmet => "line-unmet",
            Self::PublishedLater => "published-later",
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
