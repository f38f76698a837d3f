//! The rules of one axis: everything that the resolver does with it. Each axis fills in this struct.

use super::AxisSet;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, CudaLack};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::{Figures, Refused};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::Request;
use crate::resolve::rows::Rows;
use crate::resolve::solution::Solution;

/// What the resolver does with one axis. Each axis has a file with these rules; the number that a rule is given is the place of
/// a framework or a GPU.
pub(super) struct AxisRules {
    /// How many facts a request states: one at most, or one for each framework or GPU.
    pub(super) stated: fn(&Request) -> usize,
    /// A fact that a request states; none: it states nothing.
    pub(super) fact: fn(usize, &Request) -> Option<ConflictFact>,
    /// Takes what a request states away.
    pub(super) clear: fn(usize, &mut Request),
    /// Takes out of a question what is not kept.
    pub(super) relax: fn(&mut Problem<'_>, &AxisSet),
    /// When the fact is left out as a clash is reduced, the lower the earlier. What a person asked for outright is kept longest,
    /// as it tells most.
    pub(super) weight: u8,
    /// Whether another value would change anything.
    pub(super) can_change: fn(&Request) -> bool,
    /// The change to the value of a solution that was found without the fact. None where there is no such change, or where it
    /// takes another search.
    pub(super) remedy: fn(&Solution<'_>) -> Option<Remedy>,
    /// Without a framework: the change to the value nearest to the one asked for. None: it is read off a solution there as well.
    pub(super) nearest: Option<Nearest>,
    /// What is done with builds that do not meet the fact. None: no build is held against it.
    pub(super) builds: Option<BuildRules>,
    /// What every CUDA without a framework lacks; none: CUDA by itself is not held against it.
    pub(super) cuda_lack: Option<fn(usize, &Figures<'_, '_>) -> CudaLack>,
}

/// Finds the nearest value for a request: whether other changes follow, and whether a change leads to an answer.
pub(super) type Nearest = fn(&Request, &Rows<'_>, bool, &dyn Fn(&Remedy) -> bool) -> Option<Remedy>;

/// What the resolver does with builds that do not meet a fact.
pub(super) struct BuildRules {
    /// How far such a build came, in the order in which a person would look: what was asked of it, where it installs, what it
    /// runs on. GPU and driver are one stage: both are the machine's.
    pub(super) stage: u8,
    /// The kind of conflict where all builds are such.
    pub(super) kind: ConflictKind,
    /// Why one of them does not meet the fact.
    pub(super) misfit: fn(usize, &Request, &Problem<'_>, &Candidate<'_>) -> Misfit,
    /// What all of them lack.
    pub(super) lack: fn(&Refused<'_, '_>) -> BuildsLack,
    /// All that decides of a question which builds meet the fact, as text: where it is the same, the same builds do.
    pub(super) key: fn(&Problem<'_>) -> Option<String>,
    /// The fact, where a sentence about builds that meet it says so.
    pub(super) quality: fn(&Problem<'_>) -> Option<FactValue>,
}
