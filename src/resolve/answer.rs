//! Turns a solution into the [`Resolution`]: floors, capabilities, packages to install, and whether it can be built. It
//! decides nothing: all choices are in the solution.

use std::collections::BTreeMap;

use super::candidate::Candidate;
use super::decision::{DecidedFramework, Decision, DriverFloors};
use super::framework_line::companion;
use super::lookup::{cuda_row, cudnn_pin, driver_floor};
use super::notes;
use super::problem::{Problem, Wanted};
use super::reasons;
use super::request::Request;
use super::resolution::Resolution;
use super::solution::{Solution, chosen};
use super::unbuildable::{SourceLack, Unbuildable};
use crate::matrix::rows::CudaRow;
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion};

/// Turns a solution into the resolver's answer.
pub(super) fn answer(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Resolution {
    let main = solution.main.as_ref().filter(|_| problem.gpu);
    let place = &solution.place;
    let cudnn = main.and_then(|candidate| candidate.build.cudnn.clone());
    let bare = solution.bare.as_ref();
    let decision = Decision {
        frameworks: chosen(problem, solution)
            .map(|(wanted, candidate)| framework(problem, wanted, candidate))
            .collect(),
        python: place.python.clone(),
        python_source: place.source,
        cuda: main.and_then(|candidate| candidate.build.cuda.clone()).or_else(|| bare.map(|bare| bare.version.clone())),
        cudnn: cudnn.or_else(|| bare.and_then(|bare| bare_cudnn(bare.cudnn.as_ref(), place.image_cudnn))),
        arch: problem.arch,
        driver: driver_floors(problem, solution, main),
        compute_capability: capabilities(problem, solution),
        os: place.os.map(|row| row.id.clone()),
        base_image: place.image.clone(),
        toolkit: problem.toolkit,
        glibc: place.os.map(|row| row.glibc.clone()),
    };
    Resolution {
        decision,
        capabilities: solution.chosen.iter().map(|candidate| candidate.build.capabilities.clone()).collect(),
        unbuildable: unbuildable(problem, solution),
        notes: notes::notes(request, problem, solution),
        reasons: reasons::reasons(request, problem, solution),
    }
}

/// The cuDNN of an environment without a framework. If the image provides one of the same major, it is the exact
/// version.
fn bare_cudnn(asked: Option<&CudnnVersion>, brought: Option<&CudnnVersion>) -> Option<CudnnVersion> {
    let asked = asked?;
    Some(brought.filter(|brought| brought.major() == asked.major()).unwrap_or(asked).clone())
}

fn framework(problem: &Problem<'_>, wanted: &Wanted<'_>, candidate: &Candidate<'_>) -> DecidedFramework {
    let Candidate { release, build, .. } = *candidate;
    let head = &wanted.file.framework;
    let lines = wanted.lines.iter().map(|(_, line)| *line).collect::<Vec<_>>();
    let companion = |name: &crate::manifest::PackageName| {
        let version = companion(name, release, &lines)?;
        Some((name.to_string(), version.trim_end_matches(".*").to_owned()))
    };
    let mut pins = [&head.pins[..], &release.pins[..]].concat();
    pins.extend(cudnn_pin(problem, build));
    DecidedFramework {
        name: wanted.id.clone(),
        version: wanted.assumed_version().unwrap_or_else(|| release.version.clone()),
        package: build.package.clone(),
        variant: build.variant.clone(),
        index: build.index.clone(),
        index_packages: build.index_packages.clone(),
        cuda: build.cuda.clone(),
        cudnn: build.cudnn.clone(),
        extras: build.extras.clone(),
        local: build.local.clone(),
        with: wanted.wish.with.iter().filter_map(companion).collect::<BTreeMap<_, _>>(),
        system_packages: [&head.system_packages[..], &release.system_packages[..]].concat(),
        pins,
        exclude_newer: release.exclude_newer.clone(),
    }
}

fn driver_floors(problem: &Problem<'_>, solution: &Solution<'_>, main: Option<&Candidate<'_>>) -> Option<DriverFloors> {
    if !problem.gpu {
        return None;
    }
    if let Some(bare) = &solution.bare {
        return Some(floors_of(bare.row, &bare.version));
    }
    let build = main?.build;
    let made_for = build.cuda.as_ref()?;
    let row = cuda_row(problem.rows, made_for);
    let minimum = driver_floor(problem.rows, build)?.clone();
    // A bare major (`12`) stands for many toolkits, so the driver of one toolkit says nothing about it.
    let exact = problem.rows.cuda_release(made_for).and(row);
    Some(DriverFloors { minimum, toolkit: exact.and_then(|row| row.toolkit_driver(made_for).cloned()) })
}

fn floors_of(row: &CudaRow, version: &CudaVersion) -> DriverFloors {
    DriverFloors { minimum: row.driver_floor(version).clone(), toolkit: row.toolkit_driver(version).cloned() }
}

/// The compute capabilities that every framework has compiled code for. A build without a published list does not
/// count.
fn capabilities(problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<ComputeCapability> {
    if let Some(bare) = &solution.bare {
        return problem.rows.capabilities_of(&bare.row.version).map(|row| row.capability).collect();
    }
    let lists =
        || solution.chosen.iter().map(|candidate| &candidate.build.capabilities).filter(|list| !list.is_empty());
    let Some(first) = lists().next().filter(|_| problem.gpu) else { return Vec::new() };
    first.iter().copied().filter(|capability| lists().all(|list| list.contains(capability))).collect()
}

/// The reason why current sources cannot build the solution, if they cannot.
pub(super) fn unbuildable(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Unbuildable> {
    let of_candidate = |(wanted, candidate): (&Wanted<'_>, &Candidate<'_>)| {
        let lack = SourceLack::Gone(candidate.unbuildable()?.to_owned());
        Some(Unbuildable { release: Some((wanted.id.clone(), candidate.release.version.clone())), lack })
    };
    let of_place = || Some(Unbuildable { release: None, lack: solution.place.unbuildable.clone()? });
    chosen(problem, solution).find_map(of_candidate).or_else(of_place)
}
