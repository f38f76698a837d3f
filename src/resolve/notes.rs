//! The caveats of an answer that fits: its costs, and the facts that were not considered.

use super::candidate::Candidate;
use super::framework_line::FrameworkLine;
use super::install_base::is_current;
use super::lookup::{cuda_row, cudnn_cap, cudnn_pin, driver_floor};
use super::origin::FactOrigin;
use super::problem::{Card, Problem, Releases};
use super::request::{Base, GpuWish, Request};
use super::solution::{Solution, chosen};
use super::target::{NoGpu, TargetGpu, UnknownGpu};
use crate::manifest::FrameworkId;
use crate::version::{CudaVersion, CudnnVersion, DriverVersion, ReleaseVersion, VersionRequest};

/// One caveat of an answer for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The machine has no usable GPU, so the GPU build computes on the CPU.
    NoGpu(NoGpu),
    /// The matrix does not know this release, so the answer treats it as the newest known release.
    UnknownRelease {
        framework: FrameworkId,
        /// The requested release.
        version: ReleaseVersion,
    },
    /// The answer ignores this GPU.
    UnknownGpu(UnknownGpu),
    /// The driver is older than that of the CUDA toolkit, so CUDA depends on NVIDIA's minor-version compatibility.
    MinorVersion {
        /// The driver of the target.
        driver: DriverVersion,
        /// The CUDA of the environment.
        cuda: CudaVersion,
        /// The driver of that CUDA's toolkit.
        toolkit: DriverVersion,
    },
    /// A driver without a release means all releases of its branch from this one on.
    DriverBranch {
        /// The driver as the user wrote it.
        driver: DriverVersion,
        /// The first release of that range.
        from: DriverVersion,
    },
    /// The driver is of a later branch than any that the matrix knows.
    UnknownDriver {
        /// The driver of the target.
        driver: DriverVersion,
        /// The newest driver in the matrix.
        newest: DriverVersion,
    },
    /// The GPU needs at least this driver, even if its CUDA needs less.
    FirstDriver { gpu: TargetGpu, first: DriverVersion },
    /// No later driver branch runs the GPU.
    LastDriver {
        gpu: TargetGpu,
        /// The last driver that runs it.
        last: DriverVersion,
    },
    /// A requirement keeps cuDNN below the releases without kernels for the GPU.
    CappedCudnn {
        /// The requirement: `nvidia-cudnn-cu12<9.11`.
        requirement: String,
        gpu: TargetGpu,
    },
    /// The build pins a cuDNN that has no kernels for the GPU.
    PinnedCudnn {
        framework: FrameworkId,
        /// The cuDNN in the build's pin.
        cudnn: CudnnVersion,
        gpu: TargetGpu,
    },
    /// The makers of these frameworks do not publish the GPUs of their compiled code.
    UnpublishedCode(Vec<FrameworkId>),
    /// The requirements of these frameworks are unknown, so they were not compared with the others.
    NotCompared(Vec<FrameworkId>),
    /// Later releases of other packages break this framework, so only packages that were published by this day are
    /// used.
    ExcludeNewer {
        /// The framework that they break.
        framework: FrameworkId,
        /// The last day.
        day: String,
    },
    /// The base has had no updates since its end of life.
    OutdatedBase {
        os: String,
        /// The day of its end of life.
        since: String,
    },
    /// The C library and the Python of this image are not known.
    UncheckedImage(String),
    /// The line names a CUDA build, and the environment is for the CPU.
    LineOfCuda {
        /// The line as it is written.
        text: String,
        /// The file and the number of the line.
        origin: FactOrigin,
    },
    /// The answer shows the meaning of a bare version.
    Meaning {
        framework: FrameworkId,
        /// The version as the user wrote it.
        asked: VersionRequest,
    },
}

/// The notes on `solution`, the more important ones first.
pub(super) fn notes(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    notes.extend(no_gpu(request));
    notes.extend(unknown(request, problem));
    notes.extend(minor_version(problem, solution));
    notes.extend(branch(problem));
    notes.extend(unknown_driver(problem));
    notes.extend(first_drivers(request, problem, solution));
    notes.extend(last_drivers(request, problem));
    notes.extend(capped_cudnn(request, problem, solution));
    notes.extend(pinned_cudnn(request, problem, solution));
    notes.extend(exclude_newer(request, problem, solution));
    notes.extend(not_compared(problem, solution));
    notes.extend(unpublished_code(problem, solution));
    notes.extend(base(problem, solution));
    notes.extend(lines_of_cuda(request, problem));
    notes.extend(meanings(problem));
    notes
}

fn no_gpu(request: &Request) -> Option<Note> {
    request.target.no_gpu.filter(|_| request.gpu == GpuWish::Optional).map(Note::NoGpu)
}

fn unknown(request: &Request, problem: &Problem<'_>) -> Vec<Note> {
    let any = problem.frameworks.iter().filter(|wanted| matches!(wanted.releases, Releases::Any));
    let assumed = any.filter_map(|wanted| {
        let version = wanted.assumed_version()?;
        Some(Note::UnknownRelease { framework: wanted.id.clone(), version })
    });
    assumed.chain(request.target.unknown.iter().cloned().map(Note::UnknownGpu)).collect()
}

/// The note on the limits of NVIDIA's minor-version compatibility.
fn minor_version(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    let driver = problem.driver?;
    let version = solution.bare.as_ref().map(|bare| &bare.version);
    let cuda = version.or_else(|| solution.main.as_ref()?.build.cuda.as_ref())?;
    let toolkit = cuda_row(problem.rows, cuda)?.toolkit_driver(cuda)?;
    (!driver.meets(toolkit)).then(|| Note::MinorVersion {
        driver: driver.clone(),
        cuda: cuda.clone(),
        toolkit: toolkit.clone(),
    })
}

fn branch(problem: &Problem<'_>) -> Option<Note> {
    let driver = problem.driver.filter(|driver| driver.parts().len() == 1)?;
    let floors = problem.rows.cuda().iter().map(|row| &row.driver_minimum);
    let from = floors.filter(|floor| floor.major() == driver.major()).max()?;
    Some(Note::DriverBranch { driver: driver.clone(), from: from.clone() })
}

fn gpu_of(request: &Request, card: &Card<'_>) -> TargetGpu {
    request.target.gpus[card.index].value.clone()
}

/// The notes on GPUs that need a newer driver than the builds do.
fn first_drivers(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<Note> {
    let of_bare = solution.bare.as_ref().map(|bare| bare.row.driver_floor(&bare.version));
    let of_builds = solution.main.as_ref().and_then(|main| driver_floor(problem.rows, main.build));
    let floor = of_bare.or(of_builds);
    let note = |card: &Card<'_>| {
        let first = card.first_driver.filter(|first| floor.is_none_or(|floor| *first > floor))?;
        Some(Note::FirstDriver { gpu: gpu_of(request, card), first: first.clone() })
    };
    problem.gpus.iter().filter_map(note).collect()
}

/// The note on a driver of a later branch than any that the rows name: nobody has looked whether it dropped something.
fn unknown_driver(problem: &Problem<'_>) -> Option<Note> {
    let newest = problem.rows.newest_driver()?;
    let driver = problem.driver.filter(|driver| driver.major() > newest.major())?;
    Some(Note::UnknownDriver { driver: driver.clone(), newest: newest.clone() })
}

fn last_drivers(request: &Request, problem: &Problem<'_>) -> Vec<Note> {
    let note = |card: &Card<'_>| {
        let last = card.row?.last_driver.clone()?;
        Some(Note::LastDriver { gpu: gpu_of(request, card), last })
    };
    problem.gpus.iter().filter_map(note).collect()
}

fn capped_cudnn(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    let requirement = solution.chosen.iter().find_map(|candidate| cudnn_pin(problem, candidate.build))?;
    let old = problem.gpus.iter().find(|card| cudnn_cap(problem.rows, card.capability).is_some())?;
    Some(Note::CappedCudnn { requirement, gpu: gpu_of(request, old) })
}

/// The notes on builds with code for a GPU, but with a pinned cuDNN that has no kernels for it.
fn pinned_cudnn(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Vec<Note> {
    let pinned = chosen(problem, solution).filter_map(|(wanted, candidate)| {
        let cudnn = candidate.build.cudnn.as_ref().filter(|cudnn| cudnn.parts().len() > 2)?;
        let row = problem.rows.cudnn_release(cudnn)?;
        let card = problem.gpus.iter().find(|card| !row.serves(card.capability))?;
        let gpu = gpu_of(request, card);
        Some(Note::PinnedCudnn { framework: wanted.id.clone(), cudnn: cudnn.clone(), gpu })
    });
    pinned.collect()
}

/// The note on the day that the rows set, if the manifest sets none.
fn exclude_newer(request: &Request, problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    let days = chosen(problem, solution)
        .filter_map(|(wanted, candidate)| Some((candidate.release.exclude_newer.as_ref()?, wanted.id)));
    let (day, framework) = days.min().filter(|_| request.published.is_none())?;
    Some(Note::ExcludeNewer { framework: framework.clone(), day: day.clone() })
}

fn not_compared(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    let unknown = chosen(problem, solution).filter(|(_, candidate)| !candidate.is_comparable());
    let names = unknown.map(|(wanted, _)| wanted.id.clone()).collect::<Vec<_>>();
    (problem.frameworks.len() > 1 && !names.is_empty()).then_some(Note::NotCompared(names))
}

fn unpublished_code(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    let is_silent =
        |candidate: &Candidate<'_>| candidate.build.cuda.is_some() && candidate.build.capabilities.is_empty();
    let silent = chosen(problem, solution).filter(|(_, candidate)| is_silent(candidate));
    let names = silent.map(|(wanted, _)| wanted.id.clone()).collect::<Vec<_>>();
    (!problem.gpus.is_empty() && !names.is_empty()).then_some(Note::UnpublishedCode(names))
}

fn base(problem: &Problem<'_>, solution: &Solution<'_>) -> Option<Note> {
    match (solution.place.os, problem.base) {
        (Some(row), _) if !is_current(problem, row) => {
            let since = row.end_of_life.clone().unwrap_or_default();
            Some(Note::OutdatedBase { os: row.id.clone(), since })
        }
        (None, Base::Image(image)) => Some(Note::UncheckedImage(image.value.clone())),
        _ => None,
    }
}

/// The notes on lines that name a CUDA build, of a framework on the CPU.
fn lines_of_cuda(request: &Request, problem: &Problem<'_>) -> Vec<Note> {
    let is_on_cpu = |line: &FrameworkLine| {
        problem.frameworks.iter().any(|wanted| *wanted.id == line.framework && !wanted.is_on_gpu(problem))
    };
    let lines = request.lines.iter().filter(|line| line.names_cuda() && is_on_cpu(line));
    lines.map(|line| Note::LineOfCuda { text: line.text.clone(), origin: line.origin.clone() }).collect()
}

/// The notes on the meaning of bare versions.
fn meanings(problem: &Problem<'_>) -> Vec<Note> {
    let asked = problem.frameworks.iter().filter_map(|wanted| {
        let Releases::Asked(asked) = wanted.releases else { return None };
        let bare = asked.text().starts_with(|c: char| c.is_ascii_digit()) && !asked.text().contains(',');
        bare.then(|| Note::Meaning { framework: wanted.id.clone(), asked: asked.clone() })
    });
    asked.collect()
}
