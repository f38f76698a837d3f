//! The axes on which a request can state a fact. Each has a file that says all that the resolver does with it.

mod arch;
mod base;
mod cuda;
mod cudnn;
mod devices;
mod driver;
mod framework;
mod gpu;
mod python;
mod release;
mod set;
mod toolkit;

pub(super) use cuda::cuda_row;
pub(super) use cudnn::cudnn_cap;
pub(super) use driver::driver_floor;
pub(super) use gpu::cuda_serves;
pub(super) use set::AxisSet;

use super::candidate::{Candidate, Obstacle};
use super::cause::BuildsLack;
use super::conflict::{ConflictFact, ConflictKind};
use super::figures::Refused;
use super::misfit::Misfit;
use super::problem::Problem;
use super::remedy::Remedy;
use super::request::Request;
use super::search::Solution;

/// One axis: what a request can say something about, and what can be taken away from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// That this framework is wanted at all, by its place among those of the request.
    Framework(usize),
    /// Which releases of that framework.
    Release(usize),
    /// The Python.
    Python,
    /// The CUDA that the framework's build is made for.
    Cuda,
    /// The cuDNN that the framework's build is made for.
    Cudnn,
    /// What of the CUDA toolkit the container needs.
    Toolkit,
    /// The base image's distribution, or the user's own image.
    Base,
    /// The CPU architecture.
    Arch,
    /// The NVIDIA driver.
    Driver,
    /// This GPU, by its place among those of the request.
    Gpu(usize),
    /// Whether a GPU is wanted, and whether the machine has one. It is never part of a set: nothing resolves without it.
    Devices,
}

/// What the resolver does with one axis. A new axis is a variant of [`Axis`] and a file with these rules.
struct AxisRules {
    /// What a request states; none: nothing. The number is the place of a framework or a GPU.
    fact: fn(usize, &Request) -> Option<ConflictFact>,
    /// Takes what a request states away.
    clear: fn(usize, &mut Request),
    /// When the fact is left out as a clash is reduced, the lower the earlier. What a person asked for outright is kept longest,
    /// as it tells most.
    weight: u8,
    /// Whether another value would change anything.
    can_change: fn(&Request) -> bool,
    /// The change to the value of a solution that was found without the fact. None where there is no such change, or where it
    /// takes another search.
    remedy: fn(&Problem<'_>, &Solution<'_>) -> Option<Remedy>,
    /// What is done with builds that do not meet the fact. None: no build is held against it.
    builds: Option<BuildRules>,
}

/// What the resolver does with builds that do not meet a fact.
pub(super) struct BuildRules {
    /// How far such a build came, in the order in which a person would look: what was asked of it, where it installs, what it
    /// runs on. GPU and driver are one stage: both are the machine's.
    pub(super) stage: u8,
    /// The kind of conflict where all builds are such.
    pub(super) kind: ConflictKind,
    /// Why one of them does not meet the fact.
    misfit: fn(usize, &Request, &Problem<'_>, &Candidate<'_>) -> Misfit,
    /// What all of them lack.
    pub(super) lack: fn(&Refused<'_, '_>) -> BuildsLack,
}

impl Axis {
    fn rules(self) -> &'static AxisRules {
        match self {
            Self::Framework(_) => &framework::RULES,
            Self::Release(_) => &release::RULES,
            Self::Python => &python::RULES,
            Self::Cuda => &cuda::RULES,
            Self::Cudnn => &cudnn::RULES,
            Self::Toolkit => &toolkit::RULES,
            Self::Base => &base::RULES,
            Self::Arch => &arch::RULES,
            Self::Driver => &driver::RULES,
            Self::Gpu(_) => &gpu::RULES,
            Self::Devices => &devices::RULES,
        }
    }

    fn index(self) -> usize {
        if let Self::Framework(index) | Self::Release(index) | Self::Gpu(index) = self { index } else { 0 }
    }

    /// What `request` states; none: nothing.
    pub(super) fn fact(self, request: &Request) -> Option<ConflictFact> {
        (self.rules().fact)(self.index(), request)
    }

    /// Takes what `request` states away.
    pub(super) fn clear(self, request: &mut Request) {
        (self.rules().clear)(self.index(), request);
    }

    /// When the fact is left out as a clash is reduced, the lower the earlier.
    pub(super) fn weight(self) -> u8 {
        self.rules().weight
    }

    /// Whether another value would change anything.
    pub(super) fn can_change(self, request: &Request) -> bool {
        (self.rules().can_change)(request)
    }

    /// The change to the value of `solution`, which was found without the fact.
    pub(super) fn remedy(self, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Remedy> {
        (self.rules().remedy)(problem, solution)
    }

    /// What is done with builds that do not meet the fact.
    pub(super) fn builds(self) -> &'static BuildRules {
        self.rules().builds.as_ref().expect("an obstacle is on an axis that builds are held against")
    }

    /// Why a build does not meet the fact.
    pub(super) fn misfit(self, request: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
        (self.builds().misfit)(self.index(), request, problem, candidate)
    }
}

/// What keeps a build from fitting that is of the right release and kind: the first in the order in which a person would look.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let where_it_installs = arch::objection(problem, candidate)
        .or_else(|| python::objection(problem, candidate))
        .or_else(|| cuda::objection(problem, candidate))
        .or_else(|| cudnn::objection(problem, candidate))
        .or_else(|| base::objection(problem, candidate));
    let what_it_runs_on = || {
        gpu::objection(problem, candidate)
            .or_else(|| cudnn::kernels(problem, candidate))
            .or_else(|| driver::objection(problem, candidate))
    };
    where_it_installs.or_else(|| if problem.gpu { what_it_runs_on() } else { None })
}
