//! The errors of rendering.

use super::append::{LineRefusal, RefusedLine};
use super::words::Unspeakable;
use crate::error::{Exit, Report, Snippet};

/// What can't be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A distribution whose packages are not apt's.
    #[error("images on `{os}` can't be built yet")]
    DistributionNotYet {
        /// Its id.
        os: String,
    },
    /// A Python that uv does not install into.
    #[error("images with Python {version} can't be built yet")]
    PythonNotYet { version: String },
    /// A line of `[build] append` reaches what it must not, or can't be judged.
    #[error("line {} of `[build] append` is refused, `{}`: {}", line.line, crate::error::escaped(&line.text), line.why)]
    OwnLine {
        /// Which, and why.
        line: RefusedLine,
        /// Where the manifest has them.
        at: Vec<Snippet>,
    },
    /// A text has no spelling in its place.
    #[error(transparent)]
    Unspeakable(#[from] Unspeakable),
}

impl Report for RenderError {
    fn kind(&self) -> &'static str {
        match self {
            Self::DistributionNotYet { .. } | Self::PythonNotYet { .. } => "not-yet",
            Self::OwnLine { line, .. } if matches!(line.why, LineRefusal::ForeignSecret { .. }) => "foreign-secret",
            Self::OwnLine { .. } => "bad-append",
            Self::Unspeakable(_) => "bad-manifest",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::DistributionNotYet { .. } | Self::PythonNotYet { .. } => Exit::Build,
            Self::OwnLine { .. } | Self::Unspeakable(_) => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::DistributionNotYet { .. } => vec!["set `[system] base` to an Ubuntu or Debian release".to_owned()],
            Self::PythonNotYet { .. } => {
                vec!["ask for a framework release that has wheels for Python 3.6 or later".to_owned()]
            }
            Self::OwnLine { line, .. } => line.why.hint().map(str::to_owned).into_iter().collect(),
            Self::Unspeakable(_) => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::OwnLine { at, .. } => at.clone(),
            _ => Vec::new(),
        }
    }
}
