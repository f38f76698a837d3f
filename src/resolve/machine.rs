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
pub(super) fn driver(request: &Request, matrix: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let facts = stated(request);
    if let Some(DriverClash::TooNew { last, .. }) = question(request, matrix, &facts).driver_clash() {
        let target = with_driver(request, last);
        let changed = Request { target: target.clone(), ..request.clone() };
        solve(&question(&changed, matrix, &facts))?;
        let named = current.is_in_manifest().then(|| Remedy::TargetDriver(last.clone()));
        return Some((target, named.unwrap_or(Remedy::DriverBranch(last.major()))));
    }
    let floor = least_driver(request, matrix, &facts)?;
    let target = with_driver(request, &floor);
    let remedy = if current.is_in_manifest() { Remedy::TargetDriver(floor) } else { Remedy::NewerDriver(floor) };
    Some((target, remedy))
}

/// The lowest driver with which `facts` resolve. The search tries only the floors, because all drivers between two
/// floors behave alike.
pub(super) fn least_driver(request: &Request, matrix: &Rows<'_>, facts: &AxisSet) -> Option<DriverVersion> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let mut floors = matrix.cuda().iter().flat_map(CudaRow::driver_floors).collect::<Vec<_>>();
    floors.extend(matrix.capabilities().iter().filter_map(|row| row.first_driver.as_ref()));
    floors.extend(request.target.gpus.iter().filter_map(|gpu| gpu.value.first_driver.as_deref()));
    let files = request.frameworks.keys().filter_map(|id| matrix.framework(id));
    let builds = files.flat_map(|file| &file.releases).flat_map(|release| &release.builds);
    floors.extend(builds.filter_map(|build| build.driver_minimum.as_ref()));
    floors.retain(|floor| !current.value.meets(floor));
    floors.sort();
    floors.dedup();
    let problem = question(request, matrix, facts);
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
pub(super) fn gpus(request: &Request, matrix: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let from_manifest = request.target.gpus.iter().all(Asked::is_in_manifest);
    let kept = fitting(request, matrix);
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
    let other = other_generation(request, matrix)?;
    let remedy = if from_manifest {
        Remedy::TargetGpus(vec![other.to_string()])
    } else {
        Remedy::OtherGpu(GpuSample { capability: other, products: products(matrix, other) })
    };
    let value = TargetGpu::of_capability(other);
    let target = TargetFacts { gpus: vec![Asked::tried(value)], ..request.target.clone() };
    Some((target, remedy))
}

/// The least sufficient machine with a GPU.
pub(super) fn with_gpu(request: &Request, matrix: &Rows<'_>) -> Option<(TargetFacts, Remedy)> {
    let open = TargetFacts { arch: request.target.arch.clone(), ..TargetFacts::default() };
    let anywhere = Request { target: open, ..request.clone() };
    let found = solve(&question(&anywhere, matrix, &stated(&anywhere)))?;
    let capabilities = matrix.capabilities().iter().map(|row| row.capability);
    let has_code = |capability: &ComputeCapability| {
        let row = matrix.capability(*capability);
        let card = Card { index: 0, capability: *capability, row, first_driver: None };
        found.chosen.iter().all(|candidate| candidate.serves(matrix, &card))
    };
    let served = capabilities.filter(has_code);
    let sold = |capability: &ComputeCapability| {
        matrix.gpus().iter().any(|row| row.capability == *capability && !row.integrated)
    };
    let mut tries = served.filter(sold).map(|capability| {
        let value = TargetGpu::of_capability(capability);
        let gpus = vec![Asked::tried(value)];
        Request { target: TargetFacts { gpus, ..anywhere.target.clone() }, ..anywhere.clone() }
    });
    tries.find_map(|mut changed| {
        let nothing = "0".parse().expect("a number is a driver branch");
        changed.target.driver = TargetDriver::Version(Asked::tried(nothing));
        let floor = least_driver(&changed, matrix, &stated(&changed))?;
        changed.target = with_driver(&changed, &floor);
        let capability = changed.target.gpus[0].value.capability;
        let gpu = GpuSample { capability, products: products(matrix, capability) };
        Some((changed.target, Remedy::OtherMachine { gpu, driver: floor }))
    })
}

/// The largest set of GPUs that fit together, the newer ones first.
fn fitting(request: &Request, matrix: &Rows<'_>) -> Vec<Asked<TargetGpu>> {
    let mut gpus = request.target.gpus.clone();
    gpus.sort_by_key(|gpu| std::cmp::Reverse(gpu.value.capability));
    let mut kept: Vec<Asked<TargetGpu>> = Vec::new();
    // GPUs of one capability fit or fail together.
    for alike in gpus.chunk_by(|a, b| a.value.capability == b.value.capability) {
        let others = kept.len();
        kept.extend_from_slice(alike);
        let changed =
            Request { target: TargetFacts { gpus: kept.clone(), ..request.target.clone() }, ..request.clone() };
        if solve(&question(&changed, matrix, &stated(&changed))).is_none() {
            kept.truncate(others);
        }
    }
    kept
}

/// The nearest newer capability that resolves, else the nearest older one.
fn other_generation(request: &Request, matrix: &Rows<'_>) -> Option<ComputeCapability> {
    let newest = request.target.gpus.iter().map(|gpu| gpu.value.capability).max()?;
    let known = matrix.capabilities().iter().map(|row| row.capability);
    // A Jetson has an integrated GPU, so a user cannot install it in a machine.
    let cards = || matrix.gpus().iter().filter(|row| !row.integrated);
    let sold = |capability: &ComputeCapability| cards().any(|row| row.capability == *capability);
    let (mut newer, mut older): (Vec<_>, Vec<_>) = known.filter(sold).partition(|capability| *capability > newest);
    newer.sort();
    older.sort();
    older.reverse();
    let resolves = |capability: &ComputeCapability| {
        let value = TargetGpu::of_capability(*capability);
        let gpus = vec![Asked::tried(value)];
        let changed = Request { target: TargetFacts { gpus, ..request.target.clone() }, ..request.clone() };
        solve(&question(&changed, matrix, &stated(&changed))).is_some()
    };
    newer.into_iter().chain(older).find(resolves)
}

/// Example products of a capability: one of each segment that most users buy, else any one.
fn products(matrix: &Rows<'_>, capability: ComputeCapability) -> Vec<String> {
    let of_it = || matrix.gpus().iter().filter(|row| row.capability == capability);
    let from = |segment: &str| of_it().find(|row| row.segment == segment);
    let mut found = ["data-center", "geforce"].into_iter().filter_map(from).collect::<Vec<_>>();
    if found.is_empty() {
        found.extend(of_it().next());
    }
    found.into_iter().map(|row| row.name.clone()).collect()
}
