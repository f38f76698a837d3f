//! The reason why current sources cannot build a solution that fits.

use crate::manifest::FrameworkId;
use crate::version::{CudaVersion, CudnnVersion, PythonVersion, ReleaseVersion};

/// The reason why current sources cannot build an answer that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbuildable {
    /// The release without a source; none: the base has none.
    pub release: Option<(FrameworkId, ReleaseVersion)>,
    /// The missing source.
    pub lack: SourceLack,
}

/// A source that no longer exists, or never did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceLack {
    /// A row of the compatibility data says that no server provides it any longer. The value is the row's text.
    Gone(String),
    /// The distribution does not ship this Python, and uv has no build of it.
    Python {
        /// The distribution's ID.
        distribution: String,
        /// The newest sufficient Python.
        python: PythonVersion,
    },
    /// No published image provides the libraries of this CUDA.
    Image {
        cuda: CudaVersion,
        /// The cuDNN for it.
        cudnn: Option<CudnnVersion>,
    },
}

impl SourceLack {
    /// The lack that a row's note describes; none without a note.
    pub(super) fn of_row(note: Option<&String>) -> Option<Self> {
        note.cloned().map(Self::Gone)
    }
}
