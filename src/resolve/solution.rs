//! The solution of a problem: the builds, and the place where they install.

use super::candidate::Candidate;
use super::decision::PythonSource;
use super::problem::{Problem, Wanted};
use super::unbuildable::SourceLack;
use crate::matrix::Flavour;
use crate::matrix::rows::{CudaRow, DistributionRow};
use crate::version::{CudaVersion, CudnnVersion, PythonVersion};

/// An answer that fits: one build for each framework, and their place.
pub(super) struct Solution<'a> {
    /// The build of each framework, in the order of the frameworks.
    pub(super) chosen: Vec<Candidate<'a>>,
    /// The build that decides the CUDA of the environment; none: no build has a CUDA.
    pub(super) main: Option<Candidate<'a>>,
    /// The CUDA of an environment without a framework.
    pub(super) bare: Option<BareCuda<'a>>,
    pub(super) place: InstallBase<'a>,
}

/// Each requested framework with its chosen build.
pub(super) fn chosen<'s, 'a>(
    problem: &'s Problem<'a>,
    solution: &'s Solution<'a>,
) -> impl Iterator<Item = (&'s Wanted<'a>, &'s Candidate<'a>)> {
    problem.frameworks.iter().zip(&solution.chosen)
}

/// The CUDA of an environment without a framework.
#[derive(Clone)]
pub(super) struct BareCuda<'a> {
    pub(super) row: &'a CudaRow,
    /// The version with the precision of the request: `12.4.1`.
    pub(super) version: CudaVersion,
    /// The cuDNN for this CUDA, if one was requested.
    pub(super) cudnn: Option<CudnnVersion>,
}

/// The place where everything installs.
pub(super) struct InstallBase<'a> {
    /// The distribution; none: the user's own image.
    pub(super) os: Option<&'a DistributionRow>,
    pub(super) image: String,
    /// The cuDNN that the image provides.
    pub(super) image_cudnn: Option<&'a CudnnVersion>,
    pub(super) python: PythonVersion,
    pub(super) source: PythonSource,
    /// Whether the image provides exactly the needed CUDA release. Also true if none is needed.
    pub(super) exact: bool,
    /// The reason why current sources cannot build it.
    pub(super) unbuildable: Option<SourceLack>,
}

/// The part of CUDA that the image must provide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CudaNeed {
    pub cuda: CudaVersion,
    /// The part of the toolkit.
    pub flavour: Flavour,
    /// The cuDNN for it.
    pub cudnn: Option<CudnnVersion>,
    /// Whether the manifest asks for the toolkit, so that a plain base is not enough.
    pub asked: bool,
}
