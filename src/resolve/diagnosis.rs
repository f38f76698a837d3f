//! Diagnoses a conflict: finds the minimal clashes, and whether other clashes exist.

use std::collections::VecDeque;

use super::axis::{Axis, AxisSet, missing_gpu, stated};
use super::cause::{Cause, OpenQuestion};
use super::conflict::{Clash, Conflict, ConflictKind};
use super::minimal::{clash, reduce};
use super::request::Request;
use super::rows::{Rows, STEPS};
use super::target::{NoGpu, TargetDriver};
use super::verdict::clash_on;
use super::ways_out::{ways_out, ways_out_of};
use crate::version::CudaVersion;

/// More independent reasons than this are not looked for.
const REASONS: usize = 4;

/// After so many looks for another reason, those found are enough.
const TRIES: usize = 24;

/// The conflict in what the request states on `axes`, which clashes.
pub(super) fn conflict(request: &Request, matrix: &Rows<'_>, axes: &AxisSet) -> Conflict {
    matrix.allow_more();
    let clashes = clashes(request, matrix, axes);
    if clashes.is_empty() { undecided(OpenQuestion::WhichFactsClash) } else { assemble(request, matrix, clashes) }
}

/// The search was given up, and leaves `question` open.
pub(super) fn undecided(question: OpenQuestion) -> Conflict {
    let cause = Cause::Undecided { steps: STEPS, question };
    Conflict { clashes: vec![Clash::new([ConflictKind::SearchBudget], cause)], ways_out: Vec::new() }
}

/// A GPU is wanted where there is none, for the reason `found`. What else does not fit is a clash as well.
pub(super) fn gpu_missing(request: &Request, matrix: &Rows<'_>, found: NoGpu) -> Conflict {
    let missing = Clash::new([ConflictKind::GpuMissing], Cause::NoGpu(found));
    let mut all = vec![Clash { facts: missing_gpu(request, found).into(), ..missing }];
    let axes = stated(request);
    if clash(request, matrix, &axes) {
        all.extend(clashes(request, matrix, &axes));
    }
    assemble(request, matrix, all)
}

fn assemble(request: &Request, matrix: &Rows<'_>, mut clashes: Vec<Clash>) -> Conflict {
    if let Some(clash) = clashes.iter_mut().find(|clash| clash.is_about(Axis::Cuda)) {
        clash.ceiling = driver_ceiling(request, matrix);
    }
    matrix.allow_more();
    let ways_out = ways_out(request, matrix);
    if clashes.len() > 1 {
        for clash in clashes.iter_mut().filter(|clash| !matches!(clash.cause, Cause::NoGpu(_))) {
            let axes = AxisSet::from(clash.facts.iter().map(|fact| fact.axis));
            clash.ways_out = ways_out_of(&axes, request, matrix, &ways_out);
        }
    }
    Conflict { clashes, ways_out }
}

/// The CUDA that was asked for, where it is what `nvidia-smi` prints.
fn driver_ceiling(request: &Request, matrix: &Rows<'_>) -> Option<CudaVersion> {
    let pinned = &request.cuda.as_ref()?.value;
    let ceiling = request.target.driver_cuda.clone().or_else(|| {
        let TargetDriver::Version(driver) = &request.target.driver else { return None };
        matrix.driver_ceiling(&driver.value).map(|row| row.version.clone())
    })?;
    // It never prints a third part: who pins one has it from elsewhere.
    (*pinned == ceiling.prefix(2)).then(|| pinned.clone())
}

/// The minimal clashes in `axes`. What leaves one of them when a fact is changed is a reason of its own, so each fact of each
/// clash found is left out in turn.
fn clashes(request: &Request, matrix: &Rows<'_>, axes: &AxisSet) -> Vec<Clash> {
    let mut open = VecDeque::from([axes.clone()]);
    let mut found: Vec<AxisSet> = Vec::new();
    let mut clashes = Vec::new();
    let mut tries = 0;
    while let Some(left) = open.pop_front()
        && found.len() < REASONS
        && tries < TRIES
    {
        tries += 1;
        if !clash(request, matrix, &left) {
            continue;
        }
        let minimal = reduce(request, matrix, &left);
        open.extend(minimal.changeable().into_iter().map(|axis| left.without(axis)));
        if !found.contains(&minimal) {
            let clash = clash_on(request, matrix, &minimal);
            found.push(minimal);
            // What was found when the steps ran out may be no minimal clash, or have another cause.
            clashes.extend(Some(clash).filter(|_| !matrix.is_spent()));
        }
    }
    clashes
}
