//! Finds another driver or another GPU: the machine with the least sufficient one, and the change that leads to it. The
//! change is on the machine, or in the manifest if the manifest names the machine.

use super::axis::{AxisSet, question, stated};
use super::origin::Asked;
use super::problem::{Card, DriverClash, Problem};
use super::remedy::{GpuSample, Remedy};
use super::request::Request;
use super::rows::Rows;
use super::search::solve;
use super::target::{TargetDriver, TargetFacts, TargetGpu};
use crate::matrix::rows::CudaRow;
use crate::version::{ComputeCapability, DriverVersion};

/// The lowest driver upgrade that resolves. If a GPU needs an older driver, the last branch that runs it.
pub(super) fn driver(request: &Request, rows: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let facts = stated(request);
    if let Some(DriverClash::TooNew { last, .. }) = question(request, rows, &facts).driver_clash() {
        let target = with_driver(request, last);
        let changed = Request { target: target.clone(), ..request.clone() };
        solve(&question(&changed, rows, &facts))?;
        let named = current.is_in_manifest().then(|| Remedy::TargetDriver(last.clone()));
        return Some((target, named.unwrap_or(Remedy::DriverBranch(last.major()))));
    }
    let floor = least_driver(request, rows, &facts)?;
    let target = with_driver(request, &floor);
    let remedy = if current.is_in_manifest() { Remedy::TargetDriver(floor) } else { Remedy::NewerDriver(floor) };
    Some((target, remedy))
}

/// The lowest driver with which `facts` resolve. The search tries only the floors, because all drivers between two
/// floors behave alike.
pub(super) fn least_driver(request: &Request, rows: &Rows<'_>, facts: &AxisSet) -> Option<DriverVersion> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let mut floors = rows.cuda().iter().flat_map(CudaRow::driver_floors).collect::<Vec<_>>();
    floors.extend(rows.capabilities().iter().filter_map(|row| row.first_driver.as_ref()));
    floors.extend(request.target.gpus.iter().filter_map(|gpu| gpu.value.first_driver.as_deref()));
    let files = request.frameworks.keys().filter_map(|id| rows.framework(id));
    let builds = files.flat_map(|file| &file.releases).flat_map(|release| &release.builds);
    floors.extend(builds.filter_map(|build| build.driver_minimum.as_ref()));
    floors.retain(|floor| !current.value.meets(floor));
    floors.sort();
    floors.dedup();
    let problem = question(request, rows, facts);
    let resolves = |floor: &&DriverVersion| solve(&Problem { driver: Some(floor), ..problem.clone() }).is_some();
    floors.into_iter().find(resolves).cloned()
}

fn with_driver(request: &Request, driver: &DriverVersion) -> TargetFacts {
    let mut target = request.target.clone();
    if let TargetDriver::Version(asked) = &mut target.driver {
        asked.value = driver.clone();
    }
    target
}

/// The GPUs that fit. If none fits, the nearest generation that does.
pub(super) fn gpus(request: &Request, rows: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let from_manifest = request.target.gpus.iter().all(Asked::is_in_manifest);
    let kept = fitting(request, rows);
    if !kept.is_empty() && kept.len() < request.target.gpus.len() {
        let left_out = request.target.gpus.iter().filter(|gpu| !kept.contains(gpu));
        let remedy = if from_manifest {
            Remedy::TargetGpus(kept.iter().map(|gpu| gpu.value.name.clone()).collect())
        } else {
            Remedy::WithoutGpus(left_out.map(|gpu| gpu.value.name.clone()).collect())
        };
        let target = TargetFacts { gpus: kept, ..request.target.clone() };
        return Some((target, remedy));
    }
    let other = other_generation(request, rows)?;
    let remedy = if from_manifest {
        Remedy::TargetGpus(vec![other.to_string()])
    } else {
        Remedy::OtherGpu(GpuSample { capability: other, products: products(rows, other) })
    };
    let target = TargetFacts { gpus: vec![tried_gpu(other)], ..request.target.clone() };
    Some((target, remedy))
}

/// The least sufficient machine with a GPU.
pub(super) fn with_gpu(request: &Request, rows: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let open = TargetFacts { arch: request.target.arch.clone(), ..TargetFacts::default() };
    let anywhere = Request { target: open, ..request.clone() };
    let found = solve(&question(&anywhere, rows, &stated(&anywhere)))?;
    let capabilities = rows.capabilities().iter().map(|row| row.capability);
    let has_code = |capability: &ComputeCapability| {
        let row = rows.capability(*capability);
        let card = Card { index: 0, capability: *capability, row, first_driver: None };
        found.chosen.iter().all(|candidate| candidate.serves(rows, &card))
    };
    let served = capabilities.filter(has_code);
    let sold = served.filter(|capability| is_sold(rows, *capability));
    let mut tries = sold.map(|capability| with_gpus(&anywhere, vec![tried_gpu(capability)]));
    tries.find_map(|mut changed| {
        let nothing = "0".parse().expect("a number is a driver branch");
        changed.target.driver = TargetDriver::Version(Asked::tried(nothing));
        let floor = least_driver(&changed, rows, &stated(&changed))?;
        changed.target = with_driver(&changed, &floor);
        let capability = changed.target.gpus[0].value.capability;
        let gpu = GpuSample { capability, products: products(rows, capability) };
        Some((changed.target, Remedy::OtherMachine { gpu, driver: floor }))
    })
}

/// The largest set of GPUs that fit together, the newer ones first.
fn fitting(request: &Request, rows: &Rows<'_>) -> Vec<Asked<TargetGpu>> {
    let mut gpus = request.target.gpus.clone();
    gpus.sort_by_key(|gpu| std::cmp::Reverse(gpu.value.capability));
    let mut kept: Vec<Asked<TargetGpu>> = Vec::new();
    // GPUs of one capability fit or fail together.
    for alike in gpus.chunk_by(|a, b| a.value.capability == b.value.capability) {
        let others = kept.len();
        kept.extend_from_slice(alike);
        if !resolves(&with_gpus(request, kept.clone()), rows) {
            kept.truncate(others);
        }
    }
    kept
}

/// The nearest newer capability that resolves, else the nearest older one.
fn other_generation(request: &Request, rows: &Rows<'_>) -> Option<ComputeCapability> {
    let newest = request.target.gpus.iter().map(|gpu| gpu.value.capability).max()?;
    let known = rows.capabilities().iter().map(|row| row.capability);
    let sold = known.filter(|capability| is_sold(rows, *capability));
    let (mut newer, mut older): (Vec<_>, Vec<_>) = sold.partition(|capability| *capability > newest);
    newer.sort();
    older.sort();
    older.reverse();
    newer.into_iter().chain(older).find(|capability| resolves(&with_gpus(request, vec![tried_gpu(*capability)]), rows))
}

/// Whether a user can install such a GPU in a machine. The GPU of a Jetson is part of its processor.
fn is_sold(rows: &Rows<'_>, capability: ComputeCapability) -> bool {
    rows.gpus().iter().any(|row| row.capability == capability && !row.integrated)
}

fn tried_gpu(capability: ComputeCapability) -> Asked<TargetGpu> {
    Asked::tried(TargetGpu::of_capability(capability))
}

/// The request for a machine with other GPUs.
fn with_gpus(request: &Request, gpus: Vec<Asked<TargetGpu>>) -> Request {
    Request { target: TargetFacts { gpus, ..request.target.clone() }, ..request.clone() }
}

fn resolves(request: &Request, rows: &Rows<'_>) -> bool {
    solve(&question(request, rows, &stated(request))).is_some()
}

/// The segments of which most users can buy or rent a GPU, as the GPU table names them. They choose examples only.
const EXAMPLE_SEGMENTS: [&str; 2] = ["data-center", "geforce"];

/// Example products of a capability: one of each segment that most users buy, else any one.
fn products(rows: &Rows<'_>, capability: ComputeCapability) -> Vec<String> {
    let of_it = || rows.gpus().iter().filter(|row| row.capability == capability);
    let from = |segment: &str| of_it().find(|row| row.segment == segment);
    let mut found = EXAMPLE_SEGMENTS.into_iter().filter_map(from).collect::<Vec<_>>();
    if found.is_empty() {
        found.extend(of_it().next());
    }
    found.into_iter().map(|row| row.name.clone()).collect()
}
