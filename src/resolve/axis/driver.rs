//! The NVIDIA driver of the target.

use super::cuda_row;
use super::{Axis, AxisRules, BuildRules};
use crate::matrix::Matrix;
use crate::matrix::rows::BuildRow;
use crate::resolve::candidate::{Candidate, Obstacle};
use crate::resolve::cause::BuildsLack;
use crate::resolve::conflict::{ConflictFact, ConflictKind, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::target::TargetDriver;
use crate::version::DriverVersion;

pub(super) static RULES: AxisRules = AxisRules {
    fact,
    clear,
    weight: 4,
    can_change,
    // `machine` looks for the least driver that would do.
    remedy: |_, _| None,
    builds: Some(BuildRules { stage: 7, kind: ConflictKind::DriverTooOld, misfit, lack }),
};

/// The driver is too old for it.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let floor = driver_floor(problem.rows, candidate.build)?;
    (!problem.driver_meets(floor)).then_some(Obstacle::On(Axis::Driver))
}

/// The driver that a build needs: what its makers ask for, else NVIDIA's floor for its CUDA.
pub(in crate::resolve) fn driver_floor<'a>(matrix: &'a Matrix, build: &'a BuildRow) -> Option<&'a DriverVersion> {
    let floor = || cuda_row(matrix, build.cuda.as_ref()?).map(|row| &row.driver_minimum);
    build.driver_minimum.as_ref().or_else(floor)
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    let TargetDriver::Version(driver) = &request.target.driver else { return None };
    Some(ConflictFact::asked(Axis::Driver, driver, FactValue::Driver))
}

fn clear(_: usize, request: &mut Request) {
    request.target.driver = TargetDriver::Open;
}

fn can_change(request: &Request) -> bool {
    matches!(request.target.driver, TargetDriver::Version(_)) && request.gpu != GpuWish::None
}

fn misfit(_: usize, _: &Request, problem: &Problem<'_>, candidate: &Candidate<'_>) -> Misfit {
    let floor = driver_floor(problem.rows, candidate.build).cloned();
    Misfit::Driver { floor, cuda: candidate.build.cuda.clone() }
}

fn lack(refused: &Refused<'_, '_>) -> BuildsLack {
    let first = refused.gpus_without_code().next();
    BuildsLack::Driver { floor: refused.least_driver(), gpu: first.map(|index| refused.gpu(index)) }
}
