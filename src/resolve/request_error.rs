//! The errors of names in a manifest or a command line that the matrix does not have.

use std::fmt;
use std::ops::Range;

use super::manifest_text::ManifestText;
use super::origin::FactOrigin;
use crate::error::{Exit, Report, Snippet};
use crate::manifest::FrameworkId;
use crate::matrix::{GpuMaker, Matrix};

/// The reason why a request cannot be made. `ui` has the words for it.
#[derive(Debug)]
pub enum RequestError {
    /// The matrix has no such framework.
    UnknownFramework {
        /// The name as the user wrote it.
        id: FrameworkId,
        /// The IDs with a similar name.
        near: Vec<FrameworkId>,
        snippet: Option<Box<Snippet>>,
    },
    /// The matrix has no such GPU.
    UnknownGpu {
        /// The name as the user wrote it.
        name: String,
        /// The source of the name.
        origin: FactOrigin,
        /// The products with a similar name.
        near: Vec<String>,
        /// The maker, if it is not NVIDIA.
        maker: Option<GpuMaker>,
        snippet: Option<Box<Snippet>>,
    },
}

impl RequestError {
    pub(super) fn unknown_framework(
        id: &FrameworkId,
        span: Option<&Range<usize>>,
        text: &ManifestText,
        matrix: &Matrix,
    ) -> Self {
        let meant = matrix.framework_called(id.as_str()).map(|meant| vec![meant.clone()]);
        let near = || matrix.frameworks().map(|known| known.id.clone()).collect();
        let near = meant.unwrap_or_else(near);
        Self::UnknownFramework { id: id.clone(), near, snippet: snippet(text, span.cloned(), "unknown framework") }
    }

    pub(super) fn unknown_gpu(name: &str, origin: FactOrigin, text: &ManifestText, matrix: &Matrix) -> Self {
        let maker = GpuMaker::of(name);
        let near = matrix.gpus_like(name).into_iter().map(|row| row.name.clone()).filter(|_| maker.is_none()).collect();
        let span = if let FactOrigin::Manifest { span, .. } = &origin { span.clone() } else { None };
        let snippet = snippet(text, span, "unknown GPU");
        Self::UnknownGpu { name: name.to_owned(), origin, near, maker, snippet }
    }
}

fn snippet(text: &ManifestText, span: Option<Range<usize>>, label: &str) -> Option<Box<Snippet>> {
    Some(Box::new(text.sources.snippet(&span?, label)?))
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl std::error::Error for RequestError {}

impl Report for RequestError {
    fn kind(&self) -> &'static str {
        match self {
            Self::UnknownFramework { .. } => "unknown-framework",
            Self::UnknownGpu { .. } => "unknown-gpu",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn snippets(&self) -> Vec<Snippet> {
        let (Self::UnknownFramework { snippet, .. } | Self::UnknownGpu { snippet, .. }) = self;
        snippet.iter().map(|snippet| Snippet::clone(snippet)).collect()
    }
}
