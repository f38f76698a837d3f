//! The reasons why this machine cannot make a base image.

use std::path::PathBuf;

use crate::engine::EngineError;
use crate::error::{Exit, Report};

/// Why a base image can't be made here.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// Only Debian and Ubuntu have a tool that makes them from their packages.
    #[error("`{distribution}` can't be made from its own packages")]
    OtherFamily { distribution: String },
    /// Its archive is gone.
    #[error("`{distribution}` can't be made any more: {reason}")]
    Gone {
        distribution: String,
        /// As the matrix has it.
        reason: String,
    },
    /// A foreign architecture would need an emulator.
    #[error("`{distribution}` does not exist for `{arch}`, which this machine is")]
    OtherArchitecture {
        distribution: String,
        /// This machine's.
        arch: String,
    },
    /// The tool is not installed.
    #[error("`mmdebstrap` is needed to make `{distribution}` from its packages, and is not installed")]
    ToolMissing { distribution: String },
    /// The signing keys of another distribution than this machine's are not installed.
    #[error("the keys that sign the packages of `{distribution}` are not installed")]
    KeysMissing {
        distribution: String,
        /// The package that brings them.
        package: &'static str,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// Without root, the tool needs user namespaces.
    #[error("`{distribution}` can't be made without root here")]
    NoUserNamespaces {
        distribution: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// The archive of packages can't be reached.
    #[error("the package archive of `{distribution}` can't be reached")]
    ArchiveUnreachable {
        distribution: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// No space.
    #[error("there is no space left on the disk of `{place}`")]
    DiskFull {
        /// A path on it.
        place: String,
        /// The tool's last lines.
        output: Vec<String>,
    },
    /// The tool failed in another way.
    #[error("`{command}` failed with {status}")]
    ToolFailed {
        /// As one would type it.
        command: String,
        /// `exit code 25`
        status: String,
        /// Its last lines.
        output: Vec<String>,
    },
    /// A file of the cache.
    #[error("can't {action} `{}`: {reason}", path.display())]
    Cache {
        /// `write`
        action: &'static str,
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The engine took the image and does not have it.
    #[error("the container engine loaded `{reference}` and does not have it")]
    NotLoaded { reference: String },
    /// The engine.
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
                "install what maps user IDs: `sudo apt-get install uidmap`".to_owned(),
                "see that your user has a line in `/etc/subuid` and `/etc/subgid`".to_owned(),
                "or leave out `--bootstrap`, where a registry can be reached".to_owned(),
            ],
            Self::ArchiveUnreachable { .. } => vec![
                "check the network and the proxy (`http_proxy`, or apt's own settings)".to_owned(),
                "or name a mirror in `[network]` of `envctl.toml`".to_owned(),
            ],
            Self::DiskFull { place, .. } => vec![format!("free some space there, or move it: {}", moved(place))],
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

fn moved(place: &str) -> &'static str {
    if place.contains("bootstrap") { "`XDG_CACHE_HOME` says where" } else { "`TMPDIR` says where" }
}
