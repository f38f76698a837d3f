//! The axis of the target's NVIDIA driver.

use super::rules::{AxisRules, BuildRules};
use super::{Axis, AxisSet, Obstacle};
use crate::matrix::rows::CudaRow;
use crate::resolve::candidate::Candidate;
use crate::resolve::cause::{BuildsLack, CudaLack};
use crate::resolve::conflict::ConflictKind;
use crate::resolve::conflict_fact::{ConflictFact, FactValue};
use crate::resolve::figures::Refused;
use crate::resolve::lookup::{bare_version, driver_floor};
use crate::resolve::misfit::Misfit;
use crate::resolve::problem::Problem;
use crate::resolve::request::{GpuWish, Request};
use crate::resolve::target::TargetDriver;

pub(super) static RULES: AxisRules = AxisRules {
    stated: |request| usize::from(matches!(request.target.driver, TargetDriver::Version(_))),
    fact,
    clear,
    relax,
    weight: 4,
    can_change,
    // `machine` finds the lowest sufficient driver.
    remedy: |_| None,
    nearest: None,
    least: None,
    builds: Some(BuildRules {
        stage: 9,
        kind: ConflictKind::DriverTooOld,
        misfit,
        lack,
        key: |problem| problem.driver.map(ToString::to_string),
        quality: |_| None,
    }),
    cuda_lack: Some(|_, figures| CudaLack::Driver((figures.least_driver)())),
};

/// The obstacle of a build that needs a newer driver.
pub(super) fn objection(problem: &Problem<'_>, candidate: &Candidate<'_>) -> Option<Obstacle> {
    let floor = driver_floor(problem.rows, candidate.build)?;
    (!problem.driver_meets(floor)).then_some(Obstacle::On(Axis::Driver))
}

/// The obstacle of a CUDA release that needs a newer driver.
pub(super) fn objection_to_cuda(problem: &Problem<'_>, row: &CudaRow) -> Option<Obstacle> {
    let floor = row.driver_floor(bare_version(problem, row));
    (!problem.driver_meets(floor)).then_some(Obstacle::On(Axis::Driver))
}

fn fact(_: usize, request: &Request) -> Option<ConflictFact> {
    let TargetDriver::Version(driver) = &request.target.driver else { return None };
    Some(ConflictFact::asked(Axis::Driver, driver, FactValue::Driver))
}

fn clear(_: usize, request: &mut Request) {
    request.target.driver = TargetDriver::Open;
}

fn relax(problem: &mut Problem<'_>, kept: &AxisSet) {
    problem.driver = problem.driver.filter(|_| kept.has(Axis::Driver));
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
    BuildsLack::Driver { floor: (refused.figures.least_driver)(), gpu: first.map(|index| refused.figures.gpu(index)) }
}
