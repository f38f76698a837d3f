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
mod set;
mod toolkit;

pub(super) use arch::Architecture;
pub(super) use base::BaseAxis;
pub(super) use cuda::{Cuda, cuda_row};
pub(super) use cudnn::{Cudnn, cudnn_cap};
pub(super) use devices::Devices;
pub(super) use driver::{Driver, driver_floor};
pub(super) use framework::{Framework, Release};
pub(super) use gpu::{Gpu, cuda_serves};
pub(super) use python::Python;
pub(super) use set::AxisSet;
pub(super) use toolkit::ToolkitAxis;

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

impl Axis {
    /// What is done with this axis.
    pub(super) fn rules(self) -> Box<dyn AxisRules> {
        match self {
            Self::Framework(index) => Box::new(Framework(index)),
            Self::Release(index) => Box::new(Release(index)),
            Self::Python => Box::new(Python),
            Self::Cuda => Box::new(Cuda),
            Self::Cudnn => Box::new(Cudnn),
            Self::Toolkit => Box::new(ToolkitAxis),
            Self::Base => Box::new(BaseAxis),
            Self::Arch => Box::new(Architecture),
            Self::Driver => Box::new(Driver),
            Self::Gpu(index) => Box::new(Gpu(index)),
            Self::Devices => Box::new(Devices),
        }
    }

    /// What is done with builds that do not meet this axis.
    pub(super) fn build_rules(self) -> Box<dyn BuildRules> {
        match self {
            Self::Framework(_) | Self::Toolkit => unreachable!("no build is held against it"),
            Self::Release(index) => Box::new(Release(index)),
            Self::Python => Box::new(Python),
            Self::Cuda => Box::new(Cuda),
            Self::Cudnn => Box::new(Cudnn),
            Self::Base => Box::new(BaseAxis),
            Self::Arch => Box::new(Architecture),
            Self::Driver => Box::new(Driver),
            Self::Gpu(index) => Box::new(Gpu(index)),
            Self::Devices => Box::new(Devices),
        }
    }
}

/// What the resolver does with one axis. A new axis is a variant of [`Axis`] and a file that implements this.
pub(super) trait AxisRules {
    /// What `request` states; none: nothing.
    fn fact(&self, request: &Request) -> Option<ConflictFact>;

    /// Takes what `request` states away.
    fn clear(&self, request: &mut Request);

    /// When the fact is left out as a clash is reduced, the lower the earlier. What a person asked for outright is kept longest,
    /// as it tells most.
    fn weight(&self) -> u8;

    /// Whether another value would change anything.
    fn can_change(&self, request: &Request) -> bool;

    /// The change to the value of `solution`, which was found without the fact. None where there is no such change, or where it
    /// takes another search.
    fn remedy(&self, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Remedy>;
}

/// What the resolver does with an axis that builds are held against, on top.
pub(super) trait BuildRules {
    /// How far a build came that does not meet the fact, in the order in which a person would look: what was asked of it, where
    /// it installs, what it runs on. GPU and driver are one stage: both are the machine's.
    fn stage(&self) -> u8;

    /// The kind of conflict where no build meets the fact.
    fn kind(&self) -> ConflictKind;

    /// Why a build does not meet the fact.
    fn misfit(&self, request: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit;

    /// What all builds lack that do not meet the fact.
    fn lack(&self, refused: &Refused<'_, '_>) -> BuildsLack;
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
