//! Looks up the rows of one CUDA, one build or one GPU.

use super::problem::Problem;
use super::shared::{Range, cudnn_range};
use crate::matrix::Matrix;
use crate::matrix::rows::{BuildRow, CudaRow, CudnnRow};
use crate::version::{ComputeCapability, CudaVersion, CudnnVersion, DriverVersion};

/// The matrix's row for a CUDA. A bare major means its newest release.
pub(super) fn cuda_row<'a>(matrix: &'a Matrix, cuda: &CudaVersion) -> Option<&'a CudaRow> {
    matrix.cuda_release(cuda).or_else(|| matrix.cuda().iter().rev().find(|row| row.version.within(cuda)))
}

/// The lowest driver for a build: the figure of its makers, else NVIDIA's floor for its CUDA.
pub(super) fn driver_floor<'a>(matrix: &'a Matrix, build: &'a BuildRow) -> Option<&'a DriverVersion> {
    let floor = || cuda_row(matrix, build.cuda.as_ref()?).map(|row| &row.driver_minimum);
    build.driver_minimum.as_ref().or_else(floor)
}

/// Whether the toolkit `cuda` compiles code that runs on `gpu`. A bare major means its newest release.
pub(super) fn cuda_serves(matrix: &Matrix, cuda: &CudaVersion, gpu: ComputeCapability) -> bool {
    let Some(row) = cuda_row(matrix, cuda) else { return true };
    matrix.capabilities_of(&row.version).any(|compiled| matrix.runs(compiled.capability, gpu))
}

/// The first cuDNN after the last one with kernels for `gpu`; none if the newest has them, or none ever had.
pub(super) fn cudnn_cap(matrix: &Matrix, gpu: ComputeCapability) -> Option<&CudnnVersion> {
    let last_serving = matrix.cudnn().iter().rposition(|row| row.serves(gpu))?;
    matrix.cudnn().get(last_serving + 1).map(|row| &row.version)
}

/// The requirement that limits an open cuDNN to the requested version and to kernels for every GPU.
pub(super) fn cudnn_pin(problem: &Problem<'_>, build: &BuildRow) -> Option<String> {
    if !problem.gpu {
        return None;
    }
    let (package, text) = cudnn_range(build)?;
    let mut range = Range::parse(text).filter(|range| !range.is_exact())?;
    let cap = problem.gpus.iter().filter_map(|card| cudnn_cap(problem.rows, card.capability)).min();
    let cap = cap.map(|cap| format!("<{cap}"));
    let asked = problem.cudnn.map(|asked| format!("=={asked}.*"));
    for narrower in cap.iter().chain(&asked) {
        range.also(narrower);
    }
    let parts = cap.into_iter().chain(asked).collect::<Vec<_>>();
    (!parts.is_empty() && range.is_possible()).then(|| format!("{package}{}", parts.join(",")))
}

/// The requested cuDNN releases that are built for `cuda` and have kernels for every GPU, the newest first.
pub(super) fn cudnn_with<'a>(problem: &Problem<'a>, cuda: &CudaRow) -> impl Iterator<Item = &'a CudnnRow> {
    let fits =
        move |row: &&CudnnRow| row.is_for(&cuda.version) && problem.gpus.iter().all(|card| row.serves(card.capability));
    problem.cudnn.into_iter().flat_map(|asked| problem.rows.cudnn_within(asked).rev()).filter(fits)
}

/// The version of `row`, with the precision of the request.
pub(super) fn bare_version<'a>(problem: &Problem<'a>, row: &'a CudaRow) -> &'a CudaVersion {
    let precise = |asked: &&CudaVersion| asked.parts().len() > row.version.parts().len();
    problem.cuda.filter(precise).unwrap_or(&row.version)
}
