//! Errors about a project's files, apart from errors in their content.
//!
//! Each error names the file or directory and holds the system's message.

use std::path::PathBuf;

use crate::error::{Exit, Report, Snippet};
use crate::files::FileError;
use crate::manifest::ManifestError;

/// The file name of a manifest.
pub const MANIFEST: &str = "envctl.toml";

/// An error about a project's files, apart from their content.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No manifest exists in this directory or above.
    #[error("there is no `envctl.toml` in `{}` or above it", from.display())]
    NoManifest {
        /// The directory where the search began.
        from: PathBuf,
    },
    /// The manifest would come from standard input.
    #[error("`{}` is standard input, and an environment belongs to the directory of its manifest", path.display())]
    StandardInput {
        /// The name as given.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A deciding file, or its directory, belongs to somebody else.
    #[error("`{}` belongs to {}, and neither to you nor to root", path.display(), user_words(owner.as_deref(), *uid))]
    ForeignOwner {
        /// The file or directory.
        path: PathBuf,
        /// The owner's name; `None` if this machine does not know it.
        owner: Option<String>,
        /// The owner's user ID.
        uid: u32,
        /// The project's directory.
        root: PathBuf,
        /// The caller's own configuration.
        config: PathBuf,
    },
    /// The configuration that lists safe directories has an error.
    #[error(transparent)]
    Config(ManifestError),
    /// A file cannot be written.
    #[error("can't write `{}`: {reason}", path.display())]
    Unwritable {
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// Another directory has an environment with the same identity, which is a short hash.
    #[error("the environment `{id}` belongs to `{}`: two directories have the same identity", other.display())]
    IdentityTaken {
        id: String,
        /// The other directory.
        other: PathBuf,
    },
    /// A later envctl wrote the state.
    #[error("`{}` has version {version}, and this envctl knows versions up to {known}", path.display())]
    StateTooNew {
        path: PathBuf,
        version: u64,
        /// The newest version that this envctl knows.
        known: u32,
    },
    /// The state cannot be parsed.
    #[error("`{}` is damaged: {reason}", path.display())]
    StateDamaged {
        path: PathBuf,
        /// The parser's message.
        reason: String,
    },
}

impl Report for ProjectError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NoManifest { .. } => "no-manifest",
            Self::StandardInput { .. } => "standard-input",
            Self::File(error) => error.kind(),
            Self::ForeignOwner { .. } => "foreign-owner",
            Self::Config(error) => error.kind(),
            Self::Unwritable { .. } => "unwritable",
            Self::IdentityTaken { .. } => "identity-taken",
            Self::StateTooNew { .. } => "state-too-new",
            Self::StateDamaged { .. } => "state-damaged",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NoManifest { .. } | Self::StandardInput { .. } | Self::ForeignOwner { .. } => Exit::Usage,
            Self::File(error) => error.exit(),
            Self::Config(error) => error.exit(),
            Self::Unwritable { .. } => Exit::Failed,
            Self::IdentityTaken { .. } | Self::StateTooNew { .. } | Self::StateDamaged { .. } => Exit::Unusable,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoManifest { .. } => vec![
                "`envctl init` writes one from what the directory holds".to_owned(),
                "`envctl quickstart DIR` writes an example and brings it up".to_owned(),
                "`--manifest FILE` names a manifest in another place".to_owned(),
            ],
            Self::StandardInput { .. } => {
                vec!["`envctl check --manifest -` checks a manifest that comes on standard input".to_owned()]
            }
            Self::IdentityTaken { .. } => {
                vec!["give this one another `name` in `envctl.toml`, or move it to another directory".to_owned()]
            }
            Self::StateTooNew { .. } => vec!["use the envctl that wrote it, or a newer one".to_owned()],
            Self::StateDamaged { .. } => {
                vec!["`envctl up` keeps the file under another name and uses the environment again".to_owned()]
            }
            Self::ForeignOwner { path, root, config, .. } => {
                let listed = toml::Value::from(vec![root.display().to_string()]);
                let list = format!(
                    "if you trust it, list its directory in `{}`: `[projects]`, `safe-directories = {listed}`",
                    config.display()
                );
                let name =
                    || format!("or name its manifest for this command: `--manifest {}`", root.join(MANIFEST).display());
                let is_manifest = path == root || path.ends_with(MANIFEST);
                std::iter::once(list).chain(is_manifest.then(name)).collect()
            }
            Self::File(error) => error.hints(),
            Self::Config(error) => error.hints(),
            Self::Unwritable { .. } => Vec::new(),
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Config(error) => error.snippets(),
            _ => Vec::new(),
        }
    }

    fn parts(&self) -> Vec<&dyn Report> {
        match self {
            Self::Config(error) => error.parts(),
            _ => Vec::new(),
        }
    }
}

fn user_words(name: Option<&str>, uid: u32) -> String {
    name.map_or_else(|| format!("user {uid}"), |name| format!("`{name}` (user {uid})"))
}
