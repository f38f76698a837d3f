//! The errors of rendering.
//!
//! Each is a case without a template, or a text that cannot be quoted for its place.

use super::append::{LineRefusal, RefusedLine};
use super::words::Unquotable;
use crate::error::{Exit, Report, Snippet};

/// The reason why an image cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A distribution that does not use apt.
    #[error("images on `{os}` can't be built yet")]
    DistributionNotYet {
        /// The id of the distribution.
        os: String,
    },
    /// A Python that uv does not support.
    #[error("images with Python {version} can't be built yet")]
    PythonNotYet { version: String },
    /// A line of `[build] append` is refused.
    #[error("line {} of `[build] append` is refused, `{}`: {}", line.line, crate::text::escaped(&line.text), line.why)]
    OwnLine {
        /// The line and the reason.
        line: RefusedLine,
        /// The place of the lines in the manifest.
        at: Vec<Snippet>,
    },
    /// A text that cannot be quoted for its place.
    #[error(transparent)]
    Unquotable(#[from] Unquotable),
}

impl Report for RenderError {
    fn kind(&self) -> &'static str {
        match self {
            Self::DistributionNotYet { .. } | Self::PythonNotYet { .. } => "not-yet",
            Self::OwnLine { line, .. } if matches!(line.why, LineRefusal::ForeignSecret { .. }) => "foreign-secret",
            Self::OwnLine { .. } => "bad-append",
            Self::Unquotable(_) => "bad-manifest",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::DistributionNotYet { .. } | Self::PythonNotYet { .. } => Exit::Build,
            Self::OwnLine { .. } | Self::Unquotable(_) => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::DistributionNotYet { .. } => vec!["set `[system] base` to an Ubuntu or Debian release".to_owned()],
            Self::PythonNotYet { .. } => {
                vec!["ask for a framework release that has wheels for Python 3.6 or later".to_owned()]
            }
            Self::OwnLine { line, .. } => line.why.hint().map(str::to_owned).into_iter().collect(),
            Self::Unquotable(_) => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::OwnLine { at, .. } => at.clone(),
            _ => Vec::new(),
        }
    }
}
