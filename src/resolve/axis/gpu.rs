//! A GPU of the target.

use super::{Axis, AxisRules, BuildRules};
use crate::matrix::Matrix;
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::{Refused, unique};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::remedy::Remedy;
use crate::resolve::request::GpuWish;
use crate::resolve::request::Request;
use crate::resolve::search::Solution;
use crate::version::{ComputeCapability, CudaVersion};

/// The GPU at this place.
pub(in crate::resolve) struct Gpu(pub(in crate::resolve) usize);

/// It has no compiled code for a GPU.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let card = problem.gpus.iter().find(|card| !candidate.serves(problem.rows, card))?;
    Some(Obstacle::On(Axis::Gpu(card.index)))
}

/// Whether the toolkit `cuda` compiles code that runs on `gpu`. A bare major means its newest release.
pub(in crate::resolve) fn cuda_serves(matrix: &Matrix, cuda: &CudaVersion, gpu: ComputeCapability) -> bool {
    let Some(row) = super::cuda_row(matrix, cuda) else { return true };
    matrix.capabilities_of(&row.version).any(|compiled| compiled.capability.serves(gpu))
}

impl AxisRules for Gpu {
    fn fact(&self, request: &Request) -> Option<ConflictFact> {
        Some(ConflictFact::asked(Axis::Gpu(self.0), request.target.gpus.get(self.0)?, FactValue::Gpu))
    }

    fn clear(&self, request: &mut Request) {
        if self.0 < request.target.gpus.len() {
            request.target.gpus.remove(self.0);
        }
    }

    fn weight(&self) -> u8 {
        3
    }

    fn can_change(&self, request: &Request) -> bool {
        !request.target.gpus.is_empty() && request.gpu != GpuWish::None
    }

    /// `machine` looks for the nearest GPU that would do.
    fn remedy(&self, _: &Problem<'_>, _: &Solution<'_>) -> Option<Remedy> {
        None
    }
}

impl BuildRules for Gpu {
    fn stage(&self) -> u8 {
        7
    }

    fn kind(&self) -> ConflictKind {
        ConflictKind::GpuArchUnsupported
    }

    fn misfit(&self, request: &Request, _: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
        Misfit::Code { gpu: request.target.gpus[self.0].value.clone(), cuda: candidate.build.cuda.clone() }
    }

    /// Some builds may lack the code, and others need a newer driver.
    fn lack(&self, refused: &Refused<'_, '_>) -> BuildsLack {
        BuildsLack::Code {
            gpus: unique(refused.gpus_without_code()).into_iter().map(|index| refused.gpu(index)).collect(),
            compiled: unique(refused.candidates().flat_map(|one| one.build.capabilities.iter().copied())),
            driver: if refused.has(Obstacle::On(Axis::Driver)) { refused.least_driver() } else { None },
        }
    }
}
