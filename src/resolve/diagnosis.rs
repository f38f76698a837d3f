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

/// The largest number of independent reasons to find.
const REASONS: usize = 4;

/// The largest number of tries to find another reason.
const TRIES: usize = 24;

/// The conflict in the facts of `request` on `axes`. These facts must clash.
pub(super) fn conflict(request: &Request, rows: &Rows<'_>, axes: &AxisSet) -> Conflict {
    rows.allow_more();
    let clashes = clashes(request, rows, axes);
    if clashes.is_empty() { undecided(OpenQuestion::WhichFactsClash) } else { assemble(request, rows, clashes) }
}

/// The conflict of a search that stopped early. `question` has no answer.
pub(super) fn undecided(question: OpenQuestion) -> Conflict {
    let cause = Cause::Undecided { steps: STEPS, question };
    Conflict { clashes: vec![Clash::new([ConflictKind::SearchBudget], cause)], ways_out: Vec::new() }
}

/// The conflict of a missing GPU, for the reason `found`. Other facts that do not fit are clashes as well.
pub(super) fn gpu_missing(request: &Request, rows: &Rows<'_>, found: NoGpu) -> Conflict {
    let missing = Clash::new([ConflictKind::GpuMissing], Cause::NoGpu(found));
    let mut all = vec![Clash { facts: missing_gpu(request, found).into(), ..missing }];
    let axes = stated(request);
    if clash(request, rows, &axes) {
        all.extend(clashes(request, rows, &axes));
    }
    assemble(request, rows, all)
}

fn assemble(request: &Request, rows: &Rows<'_>, mut clashes: Vec<Clash>) -> Conflict {
    if let Some(clash) = clashes.iter_mut().find(|clash| clash.is_about(Axis::Cuda)) {
        clash.ceiling = driver_ceiling(request, rows);
    }
    rows.allow_more();
    let ways_out = ways_out(request, rows);
    if clashes.len() > 1 {
        for clash in clashes.iter_mut().filter(|clash| !matches!(clash.cause, Cause::NoGpu(_))) {
            let axes = AxisSet::from(clash.facts.iter().map(|fact| fact.axis));
            clash.ways_out = ways_out_of(&axes, request, rows, &ways_out);
        }
    }
    Conflict { clashes, ways_out }
}

/// The requested CUDA, if it equals the figure of `nvidia-smi`.
fn driver_ceiling(request: &Request, rows: &Rows<'_>) -> Option<CudaVersion> {
    let pinned = &request.cuda.as_ref()?.value;
    let ceiling = request.target.driver_cuda.clone().or_else(|| {
        let TargetDriver::Version(driver) = &request.target.driver else { return None };
        rows.driver_ceiling(&driver.value).map(|row| row.version.clone())
    })?;
    // `nvidia-smi` never prints a third part, so a pin with three parts has another source.
    (*pinned == ceiling.prefix(2)).then(|| pinned.clone())
}

/// The minimal clashes in `axes`. A clash that remains after a fact of another clash changes is an independent reason.
/// So each fact of each clash found is left out in turn.
fn clashes(request: &Request, rows: &Rows<'_>, axes: &AxisSet) -> Vec<Clash> {
    let mut open = VecDeque::from([axes.clone()]);
    let mut found: Vec<AxisSet> = Vec::new();
    let mut clashes = Vec::new();
    let mut tries = 0;
    while let Some(left) = open.pop_front()
        && found.len() < REASONS
        && tries < TRIES
    {
        tries += 1;
        if !clash(request, rows, &left) {
            continue;
        }
        let minimal = reduce(request, rows, &left);
        open.extend(minimal.changeable().into_iter().map(|axis| left.without(axis)));
        if !found.contains(&minimal) {
            let clash = clash_on(request, rows, &minimal);
            found.push(minimal);
            // If the steps ran out, this may be no minimal clash, or the cause may be wrong.
            clashes.extend(Some(clash).filter(|_| !rows.is_spent()));
        }
    }
    clashes
}
