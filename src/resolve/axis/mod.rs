//! The axes on which a request can state a fact. Each axis has a file with everything that the resolver does on it.
//!
//! A new axis needs its file, a variant of `Axis` and its lines in the lists here. What it can answer is typed, so the
//! compiler then asks for its variants of `FactValue`, `Misfit`, `BuildsLack`, `ConflictKind` and `Remedy`, and for the
//! words of each in `ui`.

mod arch;
mod base;
mod cuda;
mod cudnn;
mod devices;
mod driver;
mod framework;
mod gpu;
pub(super) mod line;
mod name;
mod published;
mod python;
mod release;
mod requires_python;
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

/// Every axis that can be part of a set, in the order in which a user would name them.
const ALL: [fn(usize) -> Axis; 13] = [
    Axis::Framework,
    Axis::Release,
    Axis::Line,
    |_| Axis::Published,
    |_| Axis::Python,
    |_| Axis::RequiresPython,
    |_| Axis::Cuda,
    |_| Axis::Cudnn,
    |_| Axis::Toolkit,
    |_| Axis::Base,
    |_| Axis::Arch,
    |_| Axis::Driver,
    Axis::Gpu,
];

/// The values that a manifest can pin, apart from releases, in the order of least change.
pub(super) const PINS: [Axis; 6] = [Axis::Cuda, Axis::Cudnn, Axis::Python, Axis::Base, Axis::Toolkit, Axis::Published];

/// The stage after those of all axes: the comparison with other frameworks.
const LAST_STAGE: u8 = 10;

/// The axes that users pin as a pair.
pub(super) const PAIR: [Axis; 2] = [Axis::Cuda, Axis::Cudnn];

impl Axis {
    fn rules(self) -> &'static AxisRules {
        match self {
            Self::Framework(_) => &framework::RULES,
            Self::Release(_) => &release::RULES,
            Self::Line(_) => &line::RULES,
            Self::Published => &published::RULES,
            Self::Python => &python::RULES,
            Self::RequiresPython => &requires_python::RULES,
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
        if let Self::Framework(index) | Self::Release(index) | Self::Line(index) | Self::Gpu(index) = self {
            index
        } else {
            0
        }
    }

    /// The fact that `request` states on this axis; none if it states nothing.
    pub(super) fn fact(self, request: &Request) -> Option<ConflictFact> {
        (self.rules().fact)(self.index(), request)
    }

    /// Removes the fact on this axis from `request`.
    pub(super) fn clear(self, request: &mut Request) {
        (self.rules().clear)(self.index(), request);
    }

    /// The rank of the fact when a clash is reduced: a lower weight is left out earlier.
    pub(super) fn weight(self) -> u8 {
        self.rules().weight
    }

    /// Whether another value on this axis could change the answer.
    pub(super) fn can_change(self, request: &Request) -> bool {
        (self.rules().can_change)(request)
    }

    /// The change to the value of `solution`. The search found `solution` without this fact.
    pub(super) fn remedy(self, solution: &Solution<'_>) -> Option<Remedy> {
        (self.rules().remedy)(solution)
    }

    /// Whether a request without a framework takes the value nearest to the requested one.
    pub(super) fn has_nearest(self) -> bool {
        self.rules().nearest.is_some()
    }

    /// The change to the nearest value for which `resolves` is true. `others_too` means that other changes follow.
    pub(super) fn nearest(
        self,
        request: &Request,
        rows: &Rows<'_>,
        others_too: bool,
        resolves: &dyn Fn(&Remedy) -> bool,
    ) -> Option<Remedy> {
        self.rules().nearest.and_then(|nearest| nearest(request, rows, others_too, resolves))
    }

    /// Whether the least change of the value is looked for, because a solution gives only its own value.
    pub(super) fn has_least(self) -> bool {
        self.rules().least.is_some()
    }

    /// The least change of the value for which `resolves` is true; none if the solution gives the value.
    pub(super) fn least(
        self,
        request: &Request,
        rows: &Rows<'_>,
        resolves: &dyn Fn(&Remedy) -> bool,
    ) -> Option<Remedy> {
        self.rules().least.and_then(|least| least(request, rows, false, resolves))
    }

    /// Whether builds are checked against this axis.
    pub(super) fn decides_on_builds(self) -> bool {
        self.rules().builds.is_some()
    }

    fn builds(self) -> &'static BuildRules {
        self.rules().builds.as_ref().expect("an obstacle is on an axis that builds are held against")
    }
}

impl Obstacle {
    /// The stage of the check that a build fails: at a higher stage, it passed more checks.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::On(axis) => axis.builds().stage,
            Self::Kernels(index) => Axis::Gpu(index).builds().stage,
            Self::NotForCpu => Axis::Devices.builds().stage,
            Self::Unknown => LAST_STAGE,
        }
    }

    /// The kind of the conflict if every build has this obstacle.
    pub(super) fn kind(self) -> ConflictKind {
        match self {
            Self::On(axis) => axis.builds().kind,
            Self::Kernels(_) => ConflictKind::CudnnMismatch,
            Self::NotForCpu => ConflictKind::GpuMissing,
            Self::Unknown => ConflictKind::PackageConflict,
        }
    }

    /// The reason why a build with this obstacle does not fit.
    pub(super) fn misfit(self, request: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
        match self {
            Self::On(axis) => (axis.builds().misfit)(axis.index(), request, problem, candidate),
            Self::Kernels(index) => {
                Misfit::Kernels { gpu: request.target.gpus[index].value.clone(), cudnn: candidate.build.cudnn.clone() }
            }
            Self::NotForCpu => Misfit::NoCpuBuild,
            Self::Unknown => Misfit::Requirements,
        }
    }

    /// The property that all builds with this obstacle lack.
    pub(super) fn lack(self, refused: &Refused<'_, '_>) -> BuildsLack {
        match self {
            Self::On(axis) => (axis.builds().lack)(refused),
            Self::Kernels(index) => BuildsLack::Kernels(refused.figures.gpu(index)),
            Self::NotForCpu => BuildsLack::CpuBuild { newest: refused.newest_for_cpu() },
            Self::Unknown => BuildsLack::Requirements,
        }
    }

    /// The property that every CUDA with this obstacle lacks, in a request without a framework.
    pub(super) fn cuda_lack(self, figures: &Figures<'_, '_>) -> CudaLack {
        match self {
            Self::On(axis) => {
                let lack = axis.rules().cuda_lack.expect("an obstacle of CUDA is on an axis that it is held against");
                lack(axis.index(), figures)
            }
            Self::Kernels(index) => CudaLack::Kernels(figures.gpu(index)),
            Self::NotForCpu | Self::Unknown => unreachable!("only a framework's build has this obstacle"),
        }
    }

    /// The facts that builds with this obstacle do meet: a user checks them first.
    pub(super) fn met_before(self, problem: &Problem<'_>) -> Vec<FactValue> {
        let rules = ALL.iter().filter_map(|axis| axis(0).rules().builds.as_ref());
        rules.filter(|rules| rules.stage < self.stage()).filter_map(|rules| (rules.quality)(problem)).collect()
    }
}

/// Every axis on which `request` states a fact, in the order in which a user would name them.
pub(super) fn stated(request: &Request) -> AxisSet {
    AxisSet::from(ALL.iter().flat_map(|axis| (0..(axis(0).rules().stated)(request)).map(axis)))
}

/// The problem that `request` states with only the facts in `kept`.
pub(super) fn question<'a>(request: &'a Request, rows: &'a Rows<'a>, kept: &AxisSet) -> Problem<'a> {
    let mut problem = Problem::of(request, rows);
    for axis in ALL {
        (axis(0).rules().relax)(&mut problem, kept);
    }
    if !(kept.has(Axis::Arch) && request.target.arch.is_some()) {
        problem.arch = problem.usual_arch();
    }
    problem
}

/// The facts that decide about builds, as text. If two problems have the same text, the same builds fit alone.
pub(super) fn key(problem: &Problem<'_>) -> Vec<Option<String>> {
    let all = ALL.iter().map(|axis| axis(0)).chain([Axis::Devices]);
    let stated = all.filter_map(|axis| axis.rules().builds.as_ref()).map(|rules| (rules.key)(problem));
    stated.chain([problem.compares().then(String::new)]).collect()
}

/// The first obstacle of a build, in the order in which a user would look.
pub(super) fn obstacle(problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    if !wanted.counts(candidate.place, candidate.release) {
        return Some(Obstacle::On(Axis::Release(wanted.index)));
    }
    objection(problem, candidate)
}

/// The first obstacle of a build of a requested release and kind, in the order in which a user would look.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let where_it_installs = line::objection(problem, candidate)
        .or_else(|| published::objection(problem, candidate))
        .or_else(|| arch::objection(problem, candidate))
        .or_else(|| python::objection(problem, candidate))
        .or_else(|| requires_python::objection(problem, candidate))
        .or_else(|| cuda::objection(problem, candidate))
        .or_else(|| cudnn::objection(problem, candidate))
        .or_else(|| base::objection(problem, candidate));
    let what_it_runs_on = || {
        gpu::objection(problem, candidate)
            .or_else(|| cudnn::kernels(problem, candidate))
            .or_else(|| driver::objection(problem, candidate))
    };
    let unknown = || (problem.compares() && !candidate.is_comparable()).then_some(Obstacle::Unknown);
    where_it_installs.or_else(|| if problem.gpu { what_it_runs_on() } else { None }).or_else(unknown)
}

/// The first obstacle of a CUDA release in a request without a framework.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    let where_it_installs = arch::objection_to_cuda(problem, row).or_else(|| cudnn::objection_to_cuda(problem, row));
    let what_it_runs_on = || gpu::objection_to_cuda(problem, row).or_else(|| driver::objection_to_cuda(problem, row));
    where_it_installs.or_else(|| if problem.gpu { what_it_runs_on() } else { None })
}
