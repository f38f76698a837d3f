//! The reasons why something cannot be mounted as the manifest asks.
//!
//! Each error keeps the place in the manifest that asks for the mount.

use std::path::PathBuf;

use super::error::snippet_of;
use crate::error::{Exit, Report, Snippet};
use crate::manifest::Manifest;

/// A problem and its place in the manifest.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct MountError {
    problem: MountProblem,
    at: Vec<Snippet>,
    /// Whether it is about the target of the project or of a tmpfs, and not about one of `[run] mounts`.
    is_of_target: bool,
}

/// The problem with a mount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountProblem {
    /// The host path does not exist.
    #[error("the mount source `{}` does not exist", path.display())]
    Missing {
        /// The path on the host.
        path: PathBuf,
    },
    /// The path now leads to another place than the user agreed to.
    #[error("`{}` was agreed to, and that path is now a link to `{}`", path.display(), now.display())]
    Moved {
        /// The path that the user agreed to.
        path: PathBuf,
        /// The path where it leads now.
        now: PathBuf,
    },
    /// A directory of the project, which is not mounted itself, in a container that the engine restarts
    /// automatically.
    #[error("`{}` could be replaced before the engine restarts the container, because the project itself is not mounted", path.display())]
    Unheld {
        /// The path on the host.
        path: PathBuf,
    },
    /// Another project could replace the source while the engine restarts the container automatically.
    #[error("`{}` could be replaced before the engine restarts the container: it is in another project, `{}`", path.display(), outer.display())]
    UnheldWithin {
        /// The path on the host.
        path: PathBuf,
        /// The other project's directory.
        outer: PathBuf,
    },
    /// Code in another environment could replace the source while the engine starts the container.
    #[error("`{}` could be replaced while the engine starts the container: `{}` is mounted in `{container}`", path.display(), outer.display())]
    HeldByAnother {
        /// The path on the host.
        path: PathBuf,
        /// The directory above it that the other container can write.
        outer: PathBuf,
        /// The name of the other container.
        container: String,
    },
    /// Code in this environment could replace a source of another one, which the engine starts by itself.
    #[error("`{}` can't be mounted: the engine restarts `{container}` by itself, and what it mounts, `{}`, could be replaced from here", outer.display(), path.display())]
    HoldsAnother {
        /// The source of the other container.
        path: PathBuf,
        /// The directory above it, which this environment mounts.
        outer: PathBuf,
        /// The name of the other container.
        container: String,
    },
    /// A directory that is mounted read-only contains a file system that the engine would leave writable.
    #[error("`{}` can't be mounted read-only: this engine would leave the file system at `{}` writable", path.display(), inner.display())]
    WritableInside {
        /// The path of the directory on the host.
        path: PathBuf,
        /// The path of the file system on the host.
        inner: PathBuf,
    },
    /// A part of a directory would be mounted inside the mount of that directory.
    #[error("a part of what is mounted at `{outer}` can't be mounted inside it, at `{target}`")]
    Within {
        /// The target in the container.
        target: String,
        /// The outer target in the container.
        outer: String,
    },
    /// The mount would hide a whole directory tree of the system.
    #[error("nothing can be mounted at `{target}`: the system's own files are there")]
    System {
        /// The target in the container.
        target: String,
    },
    /// The container's user, or the project, could write files that root runs in the container.
    #[error("what the container can write can't be mounted at `{target}`: root uses the files there")]
    Roots {
        /// The target in the container.
        target: String,
    },
    /// The home directory is mounted already.
    #[error("`{target}` is the home directory, and nothing else can be mounted there")]
    Home {
        /// The target in the container.
        target: String,
    },
    /// The home directory would be inside the mount, where the container's user can replace it.
    #[error("nothing can be mounted at `{target}`: the home directory `{home}` is in it")]
    AboveHome {
        /// The target in the container.
        target: String,
        /// The home in the container.
        home: String,
    },
    /// A target is inside a directory that is mounted read-only.
    #[error("nothing can be mounted at `{target}`: `{outer}`, which holds it, is mounted read-only")]
    InReadOnly {
        /// Inside.
        target: String,
        /// Inside.
        outer: String,
    },
    /// A path contains control characters or is not valid UTF-8.
    #[error("`{}` can't be mounted: its name has control characters or is not UTF-8", crate::text::escaped(&path.to_string_lossy()))]
    Unquotable {
        /// The path on the host.
        path: PathBuf,
    },
}

impl MountError {
    /// Creates the error. `index` is the position in `[run] mounts`, from 0.
    #[must_use]
    pub fn new(problem: MountProblem, manifest: &Manifest, index: Option<usize>) -> Self {
        let span = index.and_then(|index| manifest.run.mounts.get(index)).and_then(|mount| mount.span.as_ref());
        let label = match problem {
            MountProblem::Missing { .. } => "nothing is there",
            _ => "asked for here",
        };
        let is_place = matches!(
            problem,
            MountProblem::System { .. }
                | MountProblem::Roots { .. }
                | MountProblem::Home { .. }
                | MountProblem::AboveHome { .. }
                | MountProblem::InReadOnly { .. }
        );
        Self { problem, at: snippet_of(manifest, span, label), is_of_target: is_place && index.is_none() }
    }
}

impl From<MountProblem> for MountError {
    fn from(problem: MountProblem) -> Self {
        Self { problem, at: Vec::new(), is_of_target: false }
    }
}

impl Report for MountError {
    fn kind(&self) -> &'static str {
        match self.problem {
            MountProblem::Missing { .. } => "mount-missing",
            MountProblem::Moved { .. } => "mount-moved",
            MountProblem::Unheld { .. }
            | MountProblem::UnheldWithin { .. }
            | MountProblem::HeldByAnother { .. }
            | MountProblem::HoldsAnother { .. } => "mount-unheld",
            MountProblem::WritableInside { .. } => "mount-writable",
            MountProblem::Within { .. }
            | MountProblem::System { .. }
            | MountProblem::Roots { .. }
            | MountProblem::Home { .. }
            | MountProblem::AboveHome { .. }
            | MountProblem::InReadOnly { .. } => "mount-misplaced",
            MountProblem::Unquotable { .. } => "mount-name",
        }
    }

    fn exit(&self) -> Exit {
        match self.problem {
            MountProblem::Missing { .. }
            | MountProblem::Moved { .. }
            | MountProblem::HeldByAnother { .. }
            | MountProblem::HoldsAnother { .. } => Exit::Unusable,
            MountProblem::Unheld { .. }
            | MountProblem::UnheldWithin { .. }
            | MountProblem::WritableInside { .. }
            | MountProblem::Within { .. }
            | MountProblem::System { .. }
            | MountProblem::Roots { .. }
            | MountProblem::Home { .. }
            | MountProblem::AboveHome { .. }
            | MountProblem::InReadOnly { .. }
            | MountProblem::Unquotable { .. } => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match &self.problem {
            MountProblem::Missing { path } => format!("`mkdir -p {}` makes an empty one", path.display()),
            MountProblem::Moved { .. } => "`envctl up` asks about what is there now".to_owned(),
            MountProblem::Unheld { .. } => "mount the project, or leave out `restart`".to_owned(),
            MountProblem::UnheldWithin { .. } => "leave out `restart`, or move it out of the other project".to_owned(),
            MountProblem::HeldByAnother { .. } => {
                "remove the other environment first: `envctl ps -a` shows it, and `envctl down` in its directory removes it"
                    .to_owned()
            }
            MountProblem::HoldsAnother { .. } => {
                "remove the other environment first (`envctl down` in its directory), or leave out its `restart`"
                    .to_owned()
            }
            MountProblem::WritableInside { .. } => {
                "mount a directory that holds no other file system, leave out `:ro`, or use Docker 25 or later"
                    .to_owned()
            }
            _ if self.is_of_target => "choose a directory of its own, such as `/workspace`".to_owned(),
            MountProblem::Within { .. } | MountProblem::System { .. } | MountProblem::InReadOnly { .. } => {
                "mount it elsewhere, such as at `/data`".to_owned()
            }
            MountProblem::AboveHome { .. } => {
                "mount it elsewhere, such as at `/data`, or mount the directories below it one by one".to_owned()
            }
            MountProblem::Home { .. } => "mount it below the home directory, or set `persist-home = false`".to_owned(),
            MountProblem::Roots { .. } => {
                "mount it elsewhere, such as at `/data`; `[build] copy` puts files of the project there, into the image"
                    .to_owned()
            }
            MountProblem::Unquotable { .. } => "rename it".to_owned(),
        };
        vec![hint]
    }

    fn snippets(&self) -> Vec<Snippet> {
        self.at.clone()
    }
}
