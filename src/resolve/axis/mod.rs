//! The axes on which a request can state a fact. Each axis has a file with everything that the resolver does on it.
//!
//! A new axis needs such a file, a name in `name` and its lines in the lists here: its rules, its place in the order in
//! which a user would name the axes, and the checks that use it.

mod arch;
mod base;
mod cuda;
mod cudnn;
mod devices;
mod driver;
mod framework;
mod gpu;
mod name;
mod python;
mod release;
mod rules;
mod set;
mod toolkit;

pub(super) use devices::missing_gpu;
pub use name::Axis;
pub(super) use name::Obstacle;
pub(super) use set::AxisSet;

use super::candidate::Candidate;
use super::cause::{BuildsLack, CudaLack};
use super::conflict::ConflictKind;
use super::conflict_fact::{ConflictFact, FactValue};
use super::figures::{Figures, Refused};
use super::misfit::Misfit;
use super::problem::{Problem, Wanted};
use super::remedy::Remedy;
use super::request::Request;
use super::rows::Rows;
use super::solution::Solution;
use crate::matrix::rows::CudaRow;
use rules::{AxisRules, BuildRules};

/// Every axis that can be part of a set, in the order in which a person would name them.
const ALL: [fn(usize) -> Axis; 10] = [
    Axis::Framework,
    Axis::Release,
    |_| Axis::Python,
    |_| Axis::Cuda,
    |_| Axis::Cudnn,
    |_| Axis::Toolkit,
    |_| Axis::Base,
    |_| Axis::Arch,
    |_| Axis::Driver,
    Axis::Gpu,
];

/// What the manifest can pin apart from releases, in the order of least change.
pub(super) const PINS: [Axis; 5] = [Axis::Cuda, Axis::Cudnn, Axis::Python, Axis::Base, Axis::Toolkit];

/// What is pinned as a pair.
pub(super) const PAIR: [Axis; 2] = [Axis::Cuda, Axis::Cudnn];

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
    pub(super) fn remedy(self, solution: &Solution<'_>) -> Option<Remedy> {
        (self.rules().remedy)(solution)
    }

    /// Whether a request without a framework takes the value nearest to the one asked for.
    pub(super) fn has_nearest(self) -> bool {
        self.rules().nearest.is_some()
    }

    /// The change of `request` to the value nearest to the one asked for, with which it `resolves`. `others_too`: other changes
    /// follow.
    pub(super) fn nearest(
        self,
        request: &Request,
        rows: &Rows<'_>,
        others_too: bool,
        resolves: &dyn Fn(&Remedy) -> bool,
    ) -> Option<Remedy> {
        self.rules().nearest.and_then(|nearest| nearest(request, rows, others_too, resolves))
    }

    /// Whether builds are held against it.
    pub(super) fn decides_on_builds(self) -> bool {
        self.rules().builds.is_some()
    }

    fn builds(self) -> &'static BuildRules {
        self.rules().builds.as_ref().expect("an obstacle is on an axis that builds are held against")
    }
}

impl Obstacle {
    /// How far a build came.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::On(axis) => axis.builds().stage,
            Self::Kernels(index) => Axis::Gpu(index).builds().stage,
        }
    }

    /// The kind of conflict in which every build has this obstacle.
    pub(super) fn kind(self) -> ConflictKind {
        match self {
            Self::On(axis) => axis.builds().kind,
            Self::Kernels(_) => ConflictKind::CudnnMismatch,
        }
    }

    /// Why the build that it is in the way of does not fit.
    pub(super) fn misfit(self, request: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
        match self {
            Self::On(axis) => (axis.builds().misfit)(axis.index(), request, problem, candidate),
            Self::Kernels(index) => {
                Misfit::Kernels { gpu: request.target.gpus[index].value.clone(), cudnn: candidate.build.cudnn.clone() }
            }
        }
    }

    /// What all builds lack that it is in the way of.
    pub(super) fn lack(self, refused: &Refused<'_, '_>) -> BuildsLack {
        match self {
            Self::On(axis) => (axis.builds().lack)(refused),
            Self::Kernels(index) => BuildsLack::Kernels(refused.figures.gpu(index)),
        }
    }

    /// What every CUDA without a framework lacks that it is in the way of.
    pub(super) fn cuda_lack(self, figures: &Figures<'_, '_>) -> CudaLack {
        match self {
            Self::On(axis) => {
                let lack = axis.rules().cuda_lack.expect("an obstacle of CUDA is on an axis that it is held against");
                lack(axis.index(), figures)
            }
            Self::Kernels(index) => CudaLack::Kernels(figures.gpu(index)),
        }
    }

    /// What builds that it is in the way of were asked for and have: what a person would look at before.
    pub(super) fn met_before(self, problem: &Problem<'_>) -> Vec<FactValue> {
        let rules = ALL.iter().filter_map(|axis| axis(0).rules().builds.as_ref());
        rules.filter(|rules| rules.stage < self.stage()).filter_map(|rules| (rules.quality)(problem)).collect()
    }
}

/// Every axis on which `request` states something, in the order in which a person would name them.
pub(super) fn stated(request: &Request) -> AxisSet {
    AxisSet::from(ALL.iter().flat_map(|axis| (0..(axis(0).rules().stated)(request)).map(axis)))
}

/// The question that `request` asks with the facts in `kept` alone.
pub(super) fn question<'a>(request: &'a Request, rows: &'a Rows<'a>, kept: &AxisSet) -> Problem<'a> {
    let mut problem = Problem::of(request, rows);
    for axis in ALL {
        (axis(0).rules().relax)(&mut problem, kept);
    }
    problem
}

/// What is stated of builds, as text: where it is the same, the same builds of a framework fit by themselves.
pub(super) fn key(problem: &Problem<'_>) -> Vec<Option<String>> {
    let all = ALL.iter().map(|axis| axis(0)).chain([Axis::Devices]);
    all.filter_map(|axis| axis.rules().builds.as_ref()).map(|rules| (rules.key)(problem)).collect()
}

/// What keeps a build from fitting: the first in the order in which a person would look.
pub(super) fn obstacle(problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    if !wanted.counts(candidate.place, candidate.release) {
        return Some(Obstacle::On(Axis::Release(wanted.index)));
    }
    objection(problem, candidate)
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

/// What keeps CUDA by itself from fitting, likewise.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    let where_it_installs = arch::objection_to_cuda(problem, row).or_else(|| cudnn::objection_to_cuda(problem, row));
    let what_it_runs_on = || gpu::objection_to_cuda(problem, row).or_else(|| driver::objection_to_cuda(problem, row));
    where_it_installs.or_else(|| if problem.gpu { what_it_runs_on() } else { None })
}
