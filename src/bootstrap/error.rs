//! The reasons why this machine cannot make a base image.
//!
//! Each variant is one situation with its own hint, such as a missing tool, missing keys or a full disk.

use std::path::PathBuf;

use crate::engine::EngineError;
use crate::error::{Exit, Report};

/// The reason why this machine cannot make a base image.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The distribution is not Debian or Ubuntu, which are the only ones with a tool for it.
    #[error("`{distribution}` can't be made from its own packages")]
    OtherFamily { distribution: String },
    /// The distribution's archive no longer exists.
    #[error("`{distribution}` can't be made any more: {reason}")]
    Gone {
        distribution: String,
        /// The reason in the matrix.
        reason: String,
    },
    /// The architecture is not this machine's, so an emulator would be necessary.
    #[error("`{distribution}` does not exist for `{arch}`, the architecture of this machine")]
    OtherArchitecture {
        distribution: String,
        /// This machine's architecture.
        arch: String,
    },
    /// The tool is not installed.
    #[error("`mmdebstrap` is needed to make `{distribution}` from its packages, and is not installed")]
    ToolMissing { distribution: String },
    /// The signing keys of the other distribution are not installed.
    #[error("the keys that sign the packages of `{distribution}` are not installed")]
    KeysMissing {
        distribution: String,
        /// The package with the keys.
        package: &'static str,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// The tool needs user namespaces if it does not run as root.
    #[error("`{distribution}` can't be made without root here")]
    NoUserNamespaces {
        distribution: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// The package archive is unreachable.
    #[error("the package archive of `{distribution}` can't be reached")]
    ArchiveUnreachable {
        distribution: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    #[error("there is no space left on the disk of `{place}`")]
    DiskFull {
        /// A path on the disk.
        place: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// The tool failed for another reason.
    #[error("`{command}` failed with {status}")]
    ToolFailed {
        /// The command, as a user would type it.
        command: String,
        /// The status, such as `exit code 25`.
        status: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// A file of the cache failed.
    #[error("can't {action} `{}`: {reason}", path.display())]
    Cache {
        /// The action: `write`.
        action: &'static str,
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// The engine accepted the image but does not have it.
    #[error("the container engine loaded `{reference}` but does not have it")]
    NotLoaded { reference: String },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Report for BootstrapError {
    fn kind(&self) -> &'static str {
        match self {
            Self::OtherFamily { .. } => "bootstrap-other-family",
            Self::Gone { .. } => "bootstrap-gone",
            Self::OtherArchitecture { .. } => "bootstrap-other-architecture",
            Self::ToolMissing { .. } => "bootstrap-tool-missing",
            Self::KeysMissing { .. } => "bootstrap-keys-missing",
            Self::NoUserNamespaces { .. } => "bootstrap-no-user-namespaces",
            Self::ArchiveUnreachable { .. } => "bootstrap-archive-unreachable",
            Self::DiskFull { .. } => "disk-full",
            Self::ToolFailed { .. } => "bootstrap-tool-failed",
            Self::Cache { .. } => "bootstrap-cache",
            Self::NotLoaded { .. } => "bootstrap-not-loaded",
            Self::Engine(error) => error.kind(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::OtherFamily { .. } | Self::Gone { .. } | Self::OtherArchitecture { .. } => Exit::Usage,
            Self::Engine(error) => error.exit(),
            _ => Exit::Unusable,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::OtherFamily { .. } | Self::Gone { .. } | Self::OtherArchitecture { .. } => vec![
                "choose a Debian or Ubuntu that is still served as `[system] base` in `envctl.toml`".to_owned(),
                "or leave out `--bootstrap`, where a registry can be reached".to_owned(),
            ],
            Self::ToolMissing { .. } => vec!["install it with `envctl setup`".to_owned()],
            Self::KeysMissing { package, .. } => vec![
                format!("install them, where this machine's distribution has them: `sudo apt-get install {package}`"),
                "or choose this machine's own distribution as `[system] base` in `envctl.toml`".to_owned(),
            ],
            Self::NoUserNamespaces { .. } => vec![
                "install the tool that maps user IDs: `sudo apt-get install uidmap`".to_owned(),
                "check that your user has a line in `/etc/subuid` and `/etc/subgid`".to_owned(),
                "or leave out `--bootstrap`, where a registry can be reached".to_owned(),
            ],
            Self::ArchiveUnreachable { .. } => vec![
                "check the network and the proxy (`http_proxy`, or apt's own settings)".to_owned(),
                "or name a mirror in `[network]` of `envctl.toml`".to_owned(),
            ],
            Self::DiskFull { place, .. } => {
                vec![format!("free some space there, or set {} to a directory on another disk", variable_of(place))]
            }
            Self::Engine(error) => error.hints(),
            Self::ToolFailed { .. } | Self::Cache { .. } | Self::NotLoaded { .. } => Vec::new(),
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::KeysMissing { output, .. }
            | Self::NoUserNamespaces { output, .. }
            | Self::ArchiveUnreachable { output, .. }
            | Self::DiskFull { output, .. }
            | Self::ToolFailed { output, .. } => output.clone(),
            Self::Engine(error) => error.output(),
            _ => Vec::new(),
        }
    }
}

/// Returns the variable that names the directory.
fn variable_of(place: &str) -> &'static str {
    if place.contains("bootstrap") { "`XDG_CACHE_HOME`" } else { "`TMPDIR`" }
}
