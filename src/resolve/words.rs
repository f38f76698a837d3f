//! Small pieces of sentences: lists, GPUs, and what keeps a build from fitting.

use std::fmt::Display;

use super::candidate::{Candidate, Obstacle, driver_floor};
use super::problem::Problem;
use super::request::Request;
use crate::manifest::Arch;

/// `a, b and c`
pub(super) fn listed(items: &[impl Display]) -> String {
    match items {
        [] => "none".to_owned(),
        [only] => only.to_string(),
        [head @ .., last] => {
            let head = head.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("{head} and {last}")
        }
    }
}

/// `3.8 to 3.12` for versions in a row, `3.8, 3.10 and 3.11` for others.
pub(super) fn span(mut pythons: Vec<crate::version::PythonVersion>) -> String {
    pythons.sort();
    pythons.dedup();
    let minor = |python: &crate::version::PythonVersion| (python.major(), python.minor());
    let in_a_row = pythons.windows(2).all(|pair| {
        let ((major, a), (next_major, b)) = (minor(&pair[0]), minor(&pair[1]));
        major == next_major && a.map(|a| a + 1) == b
    });
    match &pythons[..] {
        [first, _, .., last] if in_a_row => format!("{first} to {last}"),
        _ => listed(&pythons),
    }
}

/// `the RTX 3090 (compute capability 8.6)`
pub(super) fn gpu(request: &Request, index: usize) -> String {
    let gpu = &request.target.gpus[index].value;
    let name = gpu.name.trim_start_matches("NVIDIA ").trim_start_matches("GeForce ");
    if gpu.name == gpu.capability.to_string() {
        format!("a GPU of compute capability {}", gpu.capability)
    } else {
        format!("the {name} (compute capability {})", gpu.capability)
    }
}

/// As the manifest spells it.
pub(super) fn arch(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "x86_64",
        Arch::Aarch64 => "aarch64",
        Arch::Ppc64le => "ppc64le",
    }
}

/// What keeps a build from fitting, as the end of a sentence about it.
pub(super) fn obstacle(
    request: &Request,
    problem: &Problem<'_>,
    candidate: &Candidate<'_>,
    obstacle: Obstacle,
) -> String {
    let build = candidate.build;
    let made_for = || build.cuda.as_ref().map_or_else(|| "the CPU".to_owned(), |cuda| format!("CUDA {cuda}"));
    let kind = if problem.gpu { "GPU build" } else { "build" };
    match obstacle {
        Obstacle::Version => "is not among the releases asked for".to_owned(),
        Obstacle::NoGpuBuild => "has no GPU build".to_owned(),
        Obstacle::Arch => format!("has no {kind} for {}", arch(problem.arch)),
        Obstacle::Python => {
            let python = problem.python.map(ToString::to_string).unwrap_or_default();
            format!("has no wheel for Python {python}")
        }
        Obstacle::Cuda => format!("is made for {}", made_for()),
        Obstacle::Cudnn => {
            let cudnn = build.cudnn.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("is made for cuDNN {cudnn}")
        }
        Obstacle::Glibc => {
            let lowest = candidate.wheels(problem).map(|wheel| &wheel.glibc).min();
            format!("needs glibc {}", lowest.map(ToString::to_string).unwrap_or_default())
        }
        Obstacle::Gpu(index) => format!("has no compiled code for {} in its {} build", gpu(request, index), made_for()),
        Obstacle::CudnnKernels(index) => {
            let cudnn = build.cudnn.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("comes with cuDNN {cudnn}, which has no kernels for {}", gpu(request, index))
        }
        Obstacle::Driver => {
            let floor = driver_floor(problem.matrix, build).map(ToString::to_string).unwrap_or_default();
            format!("needs driver {floor} for its {} build", made_for())
        }
    }
}
