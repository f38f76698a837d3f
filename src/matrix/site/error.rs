//! The errors of the row sources that a machine's configuration names.

use std::path::PathBuf;

use super::archive::ArchiveError;
use crate::error::{Exit, Report, Snippet};
use crate::files::FileProblem;
use crate::manifest::ManifestError;
use crate::matrix::{MatrixError, RowFinding};
use crate::project::ProjectError;

/// The rows of this machine can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The configuration that names sources of rows, or what is kept of them, can't be read or written.
    #[error(transparent)]
    Layers(ProjectError),
    /// The configuration's `[matrix]` is wrong.
    #[error(transparent)]
    Config(ManifestError),
    /// A fetched archive is not taken.
    #[error(transparent)]
    Overlay(OverlayError),
    /// The folder or a file in it can't be read.
    #[error("can't read the matrix rows in `{}`: {problem}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What was found.
        problem: FileProblem,
    },
    /// A file's rows can't be used.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
}

/// Why an archive is not taken. What was kept stays.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// It is no archive of rows.
    #[error("the archive at `{source_name}` is not taken: {error}")]
    Archive {
        /// Where it came from.
        source_name: String,
        /// Why not.
        error: ArchiveError,
    },
    /// Its files are not rows.
    #[error(transparent)]
    Rows(Box<SiteError>),
    /// Its digest is another.
    #[error("the archive at `{source_name}` has the digest {found}, and the configuration names {wanted}")]
    Digest {
        /// Where it came from.
        source_name: String,
        /// As configured.
        wanted: String,
        /// As fetched.
        found: String,
    },
    /// Its rows don't hold together with the others.
    #[error("the rows at `{source_name}` do not hold, the first: {}", findings[0])]
    Unsound {
        /// Where they came from.
        source_name: String,
        /// What does not hold; never empty.
        findings: Vec<RowFinding>,
    },
}

impl Report for SiteError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Layers(error) => error.kind(),
            Self::Config(error) => error.kind(),
            Self::Overlay(_) => "overlay-refused",
            Self::Read { .. } => "matrix-rows",
            Self::Matrix(error) => error.kind(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Layers(error) => error.exit(),
            Self::Config(_) => Exit::Usage,
            Self::Overlay(_) | Self::Read { .. } => Exit::Failed,
            Self::Matrix(error) => error.exit(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Layers(error) => error.hints(),
            Self::Config(error) => error.hints(),
            Self::Overlay(_) => vec!["the rows fetched before stay in use".into()],
            Self::Read { .. } => Vec::new(),
            Self::Matrix(error) => error.hints(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Config(error) => error.snippets(),
            Self::Overlay(OverlayError::Rows(error)) => error.snippets(),
            Self::Matrix(error) => error.snippets(),
            Self::Layers(_) | Self::Overlay(_) | Self::Read { .. } => Vec::new(),
        }
    }

    fn parts(&self) -> Vec<&dyn Report> {
        match self {
            Self::Config(error) => error.parts(),
            _ => Vec::new(),
        }
    }
}
