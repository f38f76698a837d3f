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

/// The rules of one axis. Each axis has a file with its rules. The number that a rule takes is the place of a framework
/// or a GPU.
pub(super) struct AxisRules {
    /// The number of facts that a request states: at most one, or one for each framework or GPU.
    pub(super) stated: fn(&Request) -> usize,
    /// The fact that a request states; none if it states nothing.
    pub(super) fact: fn(usize, &Request) -> Option<ConflictFact>,
    /// Removes the fact from a request.
    pub(super) clear: fn(usize, &mut Request),
    /// Removes the facts that are not kept from a problem.
    pub(super) relax: fn(&mut Problem<'_>, &AxisSet),
    /// The rank of the fact when a clash is reduced: a lower weight is left out earlier. The facts that a user states
    /// directly stay longest, because they explain most.
    pub(super) weight: u8,
    /// Whether another value could change the answer.
    pub(super) can_change: fn(&Request) -> bool,
    /// The change to the value of a solution that was found without the fact. None if such a change does not exist or
    /// needs another search.
    pub(super) remedy: fn(&Solution<'_>) -> Option<Remedy>,
    /// The change to the nearest value in a request without a framework. None: the solution gives the value, as it does
    /// with a framework.
    pub(super) nearest: Option<Nearest>,
    /// The least change of the value that resolves, in a request with frameworks. None: the solution gives the value.
    pub(super) least: Option<Nearest>,
    /// The rules for builds that do not meet the fact. None: no build is checked against it.
    pub(super) builds: Option<BuildRules>,
    /// The property that every CUDA without a framework lacks. None: CUDA alone is not checked against this axis.
    pub(super) cuda_lack: Option<fn(usize, &Figures<'_, '_>) -> CudaLack>,
}

/// Finds the nearest value for a request. The flag means that other changes follow; the function tells whether a change
/// resolves.
pub(super) type Nearest = fn(&Request, &Rows<'_>, bool, &dyn Fn(&Remedy) -> bool) -> Option<Remedy>;

/// The rules for builds that do not meet a fact.
pub(super) struct BuildRules {
    /// The place of the check in the order of a user: first the requested values, then where the build installs, then
    /// the machine. GPU and driver share one stage, because both belong to the machine.
    pub(super) stage: u8,
    /// The kind of the conflict if no build meets the fact.
    pub(super) kind: ConflictKind,
    /// The reason why one build does not meet the fact.
    pub(super) misfit: fn(usize, &Request, &Problem<'_>, &Candidate<'_>) -> Misfit,
    /// The property that all builds lack.
    pub(super) lack: fn(&Refused<'_, '_>) -> BuildsLack,
    /// The values of a problem that decide which builds meet the fact, as text. Problems with the same text have the
    /// same builds.
    pub(super) key: fn(&Problem<'_>) -> Option<String>,
    /// The fact, if a sentence about the builds that meet it names it.
    pub(super) quality: fn(&Problem<'_>) -> Option<FactValue>,
}
