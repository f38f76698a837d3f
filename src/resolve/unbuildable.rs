//! The reason why current sources cannot build a solution that fits.

use crate::manifest::FrameworkId;
use crate::version::{CudaVersion, CudnnVersion, PythonVersion, ReleaseVersion};

/// Why today's sources can't build an answer that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbuildable {
    /// The framework's release that lacks them; none: the base does.
    pub release: Option<(FrameworkId, ReleaseVersion)>,
    /// What is lacking.
    pub lack: SourceLack,
}

/// What today's sources lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceLack {
    /// A row of the compatibility data says that nobody serves it any more, and why, in the row's words.
    Gone(String),
    /// The distribution does not ship this Python, and uv has no build of it.
    Python {
        /// The distribution's ID.
        distribution: String,
        /// The newest Python that would serve.
        python: PythonVersion,
    },
    /// No published image brings the libraries of this CUDA.
    Image {
        /// The CUDA.
        cuda: CudaVersion,
        /// The cuDNN beside it.
        cudnn: Option<CudnnVersion>,
    },
}

impl SourceLack {
    /// What a row says of sources that are gone.
    pub(super) fn of_row(note: Option<&String>) -> Option<Self> {
        note.cloned().map(Self::Gone)
    }
}
