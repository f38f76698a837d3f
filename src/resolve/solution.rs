//! The solution of a problem: the builds, and the place where they install.

use super::candidate::Candidate;
use super::decision::PythonSource;
use super::problem::{Problem, Wanted};
use super::unbuildable::SourceLack;
use crate::matrix::Flavour;
use crate::matrix::rows::{CudaRow, DistributionRow};
use crate::version::{CudaVersion, CudnnVersion, PythonVersion};

/// What fits.
pub(super) struct Solution<'a> {
    /// One for each framework, in their order.
    pub(super) chosen: Vec<Candidate<'a>>,
    /// Of those, the one by which the CUDA of the environment is told; none: none of them has a CUDA.
    pub(super) main: Option<Candidate<'a>>,
    /// The CUDA of an environment without a framework.
    pub(super) bare: Option<BareCuda<'a>>,
    pub(super) place: InstallBase<'a>,
}

/// Each framework wanted with the build chosen for it.
pub(super) fn chosen<'s, 'a>(
    problem: &'s Problem<'a>,
    solution: &'s Solution<'a>,
) -> impl Iterator<Item = (&'s Wanted<'a>, &'s Candidate<'a>)> {
    problem.frameworks.iter().zip(&solution.chosen)
}

/// CUDA by itself.
#[derive(Clone)]
pub(super) struct BareCuda<'a> {
    pub(super) row: &'a CudaRow,
    /// As precise as it was asked for: `12.4.1`.
    pub(super) version: CudaVersion,
    /// The cuDNN that goes with it, where one was asked for.
    pub(super) cudnn: Option<CudnnVersion>,
}

/// Where everything installs.
pub(super) struct InstallBase<'a> {
    /// None with an image of the user's own.
    pub(super) os: Option<&'a DistributionRow>,
    pub(super) image: String,
    /// The cuDNN that the image brings.
    pub(super) image_cudnn: Option<&'a CudnnVersion>,
    pub(super) python: PythonVersion,
    pub(super) source: PythonSource,
    /// The image brings the very CUDA release needed, or none is.
    pub(super) exact: bool,
    /// Why today's sources can't build it.
    pub(super) unbuildable: Option<SourceLack>,
}

/// The part of CUDA that the image has to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CudaNeed {
    /// The CUDA.
    pub cuda: CudaVersion,
    /// What of its toolkit.
    pub flavour: Flavour,
    /// The cuDNN beside it.
    pub cudnn: Option<CudnnVersion>,
    /// The manifest asked for the toolkit, so a plain base will not do.
    pub asked: bool,
}
