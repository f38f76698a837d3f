//! Another driver or another GPU: the least one that would do.

use super::change::Change;
use super::facts::FactSet;
use super::known::Known;
use super::problem::{Card, DriverClash, Problem};
use super::request::{Asked, Request, TargetDriver, TargetFacts, TargetGpu};
use super::search::solve;
use super::words::listed;
use crate::matrix::rows::CudaRow;
use crate::version::{ComputeCapability, DriverVersion};

/// A machine that would do.
pub(super) struct Moved {
    pub(super) target: TargetFacts,
    /// What to do, where it is the machine that changes.
    pub(super) words: String,
    /// The change to the manifest, where it is the manifest that names the machine.
    pub(super) change: Option<Change>,
}

/// The least driver upgrade that resolves; where a GPU needs an older driver, its last branch.
pub(super) fn driver(request: &Request, matrix: &Known<'_>) -> Option<Moved> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let facts = FactSet::of(request);
    if let Some(DriverClash::TooNew { last, .. }) = Problem::new(request, matrix, &facts).driver_clash() {
        let target = with_driver(request, last);
        let changed = Request { target: target.clone(), ..request.clone() };
        solve(&Problem::new(&changed, matrix, &facts))?;
        let words = format!("install an NVIDIA driver of the {} branch", last.major());
        return Some(Moved { target, words, change: in_manifest(current).then(|| Change::Driver(last.clone())) });
    }
    let floor = least_driver(request, matrix, &facts)?;
    let words = format!("upgrade the NVIDIA driver to {floor} or newer");
    let change = in_manifest(current).then(|| Change::Driver(floor.clone()));
    Some(Moved { target: with_driver(request, &floor), words, change })
}

/// The least driver with which `facts` resolve. Only floors matter: between two of them all drivers are alike.
pub(super) fn least_driver(request: &Request, matrix: &Known<'_>, facts: &FactSet) -> Option<DriverVersion> {
    let TargetDriver::Version(current) = &request.target.driver else { return None };
    let mut floors = matrix.cuda().iter().flat_map(CudaRow::driver_floors).collect::<Vec<_>>();
    floors.extend(matrix.capabilities().iter().filter_map(|row| row.first_driver.as_ref()));
    let files = request.frameworks.keys().filter_map(|id| matrix.framework(id));
    let builds = files.flat_map(|file| &file.releases).flat_map(|release| &release.builds);
    floors.extend(builds.filter_map(|build| build.driver_minimum.as_ref()));
    floors.retain(|floor| !current.value.meets(floor));
    floors.sort();
    floors.dedup();
    let problem = Problem::new(request, matrix, facts);
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

fn in_manifest<T>(asked: &Asked<T>) -> bool {
    asked.span.is_some()
}

/// The GPUs without those that do not fit; where none fits, the nearest generation that does.
pub(super) fn gpus(request: &Request, matrix: &Known<'_>) -> Option<Moved> {
    let from_manifest = request.target.gpus.iter().all(in_manifest);
    let kept = fitting(request, matrix);
    if !kept.is_empty() && kept.len() < request.target.gpus.len() {
        let left_out = request.target.gpus.iter().filter(|gpu| !kept.contains(gpu));
        let words =
            format!("use a machine without the {}", listed(&left_out.map(|gpu| &gpu.value.name).collect::<Vec<_>>()));
        let names = kept.iter().map(|gpu| gpu.value.name.clone()).collect();
        let target = TargetFacts { gpus: kept, ..request.target.clone() };
        return Some(Moved { target, words, change: from_manifest.then_some(Change::Gpus(names)) });
    }
    let other = other_generation(request, matrix)?;
    let words = format!("use a GPU of compute capability {other}{}", examples(matrix, other));
    let value = TargetGpu { name: other.to_string(), capability: other };
    let target =
        TargetFacts { gpus: vec![Asked { value, source: String::new(), span: None }], ..request.target.clone() };
    Some(Moved { target, words, change: from_manifest.then(|| Change::Gpus(vec![other.to_string()])) })
}

/// The least machine with a GPU that would do.
pub(super) fn with_gpu(request: &Request, matrix: &Known<'_>) -> Option<Moved> {
    let open = TargetFacts { arch: request.target.arch.clone(), ..TargetFacts::default() };
    let anywhere = Request { target: open, ..request.clone() };
    let found = solve(&Problem::new(&anywhere, matrix, &FactSet::of(&anywhere)))?;
    let capabilities = matrix.capabilities().iter().map(|row| row.capability);
    let has_code = |capability: &ComputeCapability| {
        let card = Card { index: 0, capability: *capability, row: matrix.capability(*capability) };
        found.chosen.iter().all(|candidate| candidate.serves(matrix, &card))
    };
    let served = capabilities.filter(has_code);
    let sold = |capability: &ComputeCapability| {
        matrix.gpus().iter().any(|row| row.capability == *capability && row.segment != "jetson")
    };
    let mut tries = served.filter(sold).map(|capability| {
        let value = TargetGpu { name: capability.to_string(), capability };
        let gpus = vec![Asked { value, source: String::new(), span: None }];
        Request { target: TargetFacts { gpus, ..anywhere.target.clone() }, ..anywhere.clone() }
    });
    tries.find_map(|mut changed| {
        let nothing = "0".parse().expect("a number is a driver branch");
        changed.target.driver = TargetDriver::Version(Asked { value: nothing, source: String::new(), span: None });
        let floor = least_driver(&changed, matrix, &FactSet::of(&changed))?;
        changed.target = with_driver(&changed, &floor);
        let capability = changed.target.gpus[0].value.capability;
        let words = format!(
            "use a machine with a GPU of compute capability {capability}{} and NVIDIA driver {floor} or newer",
            examples(matrix, capability)
        );
        Some(Moved { target: changed.target, words, change: None })
    })
}

/// The most GPUs that fit together, the newer ones first.
fn fitting(request: &Request, matrix: &Known<'_>) -> Vec<Asked<TargetGpu>> {
    let mut gpus = request.target.gpus.clone();
    gpus.sort_by_key(|gpu| std::cmp::Reverse(gpu.value.capability));
    let mut kept: Vec<Asked<TargetGpu>> = Vec::new();
    // GPUs of one capability fit or do not fit together.
    for alike in gpus.chunk_by(|a, b| a.value.capability == b.value.capability) {
        let others = kept.len();
        kept.extend_from_slice(alike);
        let changed =
            Request { target: TargetFacts { gpus: kept.clone(), ..request.target.clone() }, ..request.clone() };
        if solve(&Problem::new(&changed, matrix, &FactSet::of(&changed))).is_none() {
            kept.truncate(others);
        }
    }
    kept
}

/// The next newer capability that resolves, else the next older one.
fn other_generation(request: &Request, matrix: &Known<'_>) -> Option<ComputeCapability> {
    let newest = request.target.gpus.iter().map(|gpu| gpu.value.capability).max()?;
    let known = matrix.capabilities().iter().map(|row| row.capability);
    // A Jetson is no card that one could put in instead.
    let cards = || matrix.gpus().iter().filter(|row| row.segment != "jetson");
    let sold = |capability: &ComputeCapability| cards().any(|row| row.capability == *capability);
    let (mut newer, mut older): (Vec<_>, Vec<_>) = known.filter(sold).partition(|capability| *capability > newest);
    newer.sort();
    older.sort();
    older.reverse();
    let resolves = |capability: &ComputeCapability| {
        let value = TargetGpu { name: capability.to_string(), capability: *capability };
        let gpus = vec![Asked { value, source: String::new(), span: None }];
        let changed = Request { target: TargetFacts { gpus, ..request.target.clone() }, ..request.clone() };
        solve(&Problem::new(&changed, matrix, &FactSet::of(&changed))).is_some()
    };
    newer.into_iter().chain(older).find(resolves)
}

/// `, such as A10 or RTX 3090`: one from each kind of product.
pub(super) fn examples(matrix: &Known<'_>, capability: ComputeCapability) -> String {
    let from = |segment: &str| {
        matrix
            .gpus()
            .iter()
            .find(|row| row.capability == capability && row.segment == segment)
            .map(|row| row.name.clone())
    };
    let names = ["data-center", "geforce"].into_iter().filter_map(from).collect::<Vec<_>>();
    let any = || matrix.gpus().iter().find(|row| row.capability == capability).map(|row| row.name.clone());
    match (&names[..], any()) {
        ([], None) => String::new(),
        ([], Some(only)) => format!(", such as {only}"),
        (names, _) => format!(", such as {}", names.join(" or ")),
    }
}
