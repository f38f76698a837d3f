//! The errors of the row sources that a machine's configuration names.
//!
//! The source in an error never shows a password.

use std::path::PathBuf;

use super::archive::ArchiveError;
use crate::error::{Exit, Report, Snippet};
use crate::files::FileProblem;
use crate::manifest::ManifestError;
use crate::matrix::{MatrixError, RowFinding};
use crate::project::ProjectError;

/// The reason why the rows of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The configuration with the row sources, or the kept rows, cannot be read or written.
    #[error(transparent)]
    Layers(ProjectError),
    /// The `[matrix]` table of the configuration is wrong.
    #[error(transparent)]
    Config(ManifestError),
    /// A downloaded archive is refused.
    #[error(transparent)]
    Overlay(OverlayError),
    /// The folder or a file in it cannot be read.
    #[error("can't read the matrix rows in `{}`: {problem}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// The problem found.
        problem: FileProblem,
    },
    /// The rows of a file cannot be used.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
}

/// The reason why an archive is refused. The rows kept before remain.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The file is not an archive of rows.
    #[error("the archive at `{source_name}` is not taken: {error}")]
    Archive { source_name: String, error: ArchiveError },
    /// Its files are not valid rows.
    #[error(transparent)]
    Rows(Box<SiteError>),
    /// Its digest is not the configured one.
    #[error("the archive at `{source_name}` has the digest {found}, and the configuration names {wanted}")]
    Digest {
        source_name: String,
        /// The configured digest.
        wanted: String,
        found: String,
    },
    /// Its rows are inconsistent with the other rows.
    #[error("the rows at `{source_name}` do not hold, the first: {}", findings[0])]
    Unsound {
        source_name: String,
        /// The inconsistencies; never empty.
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
            Self::Read { .. } => {
                vec!["name a folder that has the shape of `compat-matrix` and that you can read".into()]
            }
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
