//! Lock + manifest → Dockerfile, entrypoint, `sshd_config`. A pure function: identical input, identical bytes, with no host
//! path, name, key, secret or time in them. Templates receive only words already quoted for their place ([`words`]).
//!
//! It refuses what it has no template for yet: distributions without apt, and Pythons older than 3.6.

use std::collections::BTreeMap;

use crate::error::{Exit, Report, Snippet};
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::matrix::{PackageManager, family};
use crate::version::PythonVersion;

mod append;
pub mod carried;
mod context;
mod dockerfile;
mod instruction;
mod requirements;
mod sshd;
mod template;
pub mod words;

#[cfg(test)]
mod tests;

pub use append::{LineRefusal, RefusedLine, judge as judge_lines};
pub use dockerfile::{FETCH_BASE, base_image};
pub use instruction::{Ambiguity, Instruction, Unreadable, dockerfile_instructions};
pub use sshd::{SessionEnv, SshdSocket, sshd_config};

/// Everything the builder gets, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildContext {
    /// Files by their path in the context, `Dockerfile` among them.
    pub files: BTreeMap<String, ContextFile>,
    /// Ids of the secret mounts that the Dockerfile names, with what they are for.
    pub secrets: Vec<ContextSecret>,
    /// Build arguments that change nothing in the image's cache key (`HTTP_PROXY`).
    pub build_args: BTreeMap<String, String>,
}

/// One file of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    pub bytes: Vec<u8>,
    pub executable: bool,
}

/// A secret that the Dockerfile mounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextSecret {
    /// The PEM bundle whom the build steps trust, mounted as `envctl-ca`.
    Certificates,
    /// Package index settings that may hold credentials, mounted as `envctl-index`: a `uv.toml`.
    Index,
    /// The same without names and passwords, mounted as `envctl-addresses`: what an image of the user's own may see.
    Addresses,
    /// The user's own, by id.
    User(String),
}

impl ContextSecret {
    /// What the Dockerfile calls it.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Certificates => "envctl-ca",
            Self::Index => "envctl-index",
            Self::Addresses => "envctl-addresses",
            Self::User(id) => id,
        }
    }
}

/// What an image is made of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    pub lock: &'a Lock,
    pub manifest: &'a Manifest,
    /// The base's name on this engine, where it was made here; none: as the lock says.
    pub base: Option<&'a str>,
    /// The same for the base of the stage that fetches for an image of the user's own; none: [`FETCH_BASE`].
    pub fetch_base: Option<&'a str>,
    /// This host has a bundle of certificates that the build steps are to trust ([`crate::packages::trust`]).
    pub certificates: bool,
    /// This host has Python indexes of its own: they reach the build as a secret, so that no two hosts' files differ.
    pub own_index: bool,
    /// The builder's predefined arguments for a proxy: they reach every step and no layer.
    pub proxies: &'a BTreeMap<String, String>,
    /// The files of `[build] copy`, in the manifest's order; each by its path below what was copied, which for a single
    /// file is empty.
    pub copies: &'a [BTreeMap<String, ContextFile>],
    /// Whether packages without wheels may run their own code in the step that holds the index's password. It has no cache
    /// that other environments trust then.
    pub package_builds: bool,
    /// The environment that the image is built for, by its ID: its caches are its own. None: the lines of `[build] append`
    /// stand as the manifest has them, the same on every machine.
    pub environment: Option<&'a str>,
}

/// The build context.
pub fn context(inputs: &Inputs<'_>) -> Result<BuildContext, RenderError> {
    let layers = requirements::layers(inputs.lock);
    let plain = |text: String| ContextFile { bytes: text.into_bytes(), executable: false };
    let mut files = BTreeMap::new();
    files.insert("Dockerfile".to_owned(), plain(dockerfile::dockerfile(inputs, &layers)?));
    files.insert("entrypoint".to_owned(), ContextFile { bytes: entrypoint().into_bytes(), executable: true });
    for layer in layers {
        for group in layer.groups {
            files.insert(format!("{}/{}", layer.directory, group.file), plain(group.text));
        }
    }
    for (at, copy) in inputs.copies.iter().enumerate() {
        for (path, file) in copy {
            let separator = if path.is_empty() { "" } else { "/" };
            files.insert(format!("copy/{at}{separator}{path}"), file.clone());
        }
    }
    Ok(BuildContext { files, secrets: secrets(inputs), build_args: inputs.proxies.clone() })
}

/// What every start of the container runs as root, before anybody's command.
#[must_use]
pub fn entrypoint() -> String {
    #[derive(serde::Serialize)]
    struct Values {}
    template::Template::Entrypoint.fill(&Values {})
}

/// Whether there is a template for a base and a Python: what is refused can be said before anything is written.
///
/// # Errors
/// A distribution without apt, and a Python older than 3.6.
pub fn has_template(os: Option<&str>, python: &PythonVersion) -> Result<(), RenderError> {
    if let Some(os) = os.filter(|os| !family(os).is_some_and(|family| family.package_manager == PackageManager::Apt)) {
        return Err(RenderError::DistributionNotYet { os: os.to_owned() });
    }
    if python.parts() < [3, 6].as_slice() {
        return Err(RenderError::PythonNotYet { version: python.to_string() });
    }
    Ok(())
}

fn secrets(inputs: &Inputs<'_>) -> Vec<ContextSecret> {
    let manifest = inputs.manifest;
    let own_image = inputs.lock.decision.os.is_none();
    let ours = [
        (inputs.certificates, ContextSecret::Certificates),
        (inputs.own_index, ContextSecret::Index),
        (inputs.own_index && own_image, ContextSecret::Addresses),
    ];
    let users = manifest.build.secrets.iter().map(|secret| ContextSecret::User(secret.value.id.clone()));
    ours.into_iter().filter_map(|(wanted, secret)| wanted.then_some(secret)).chain(users).collect()
}

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
    PythonNotYet {
        /// Which.
        version: String,
    },
    /// A line of `[build] append` reaches what it must not, or can't be judged.
    #[error("line {} of `[build] append` is refused, `{}`: {}", line.line, crate::error::escaped(&line.text), line.why)]
    OwnLine {
        /// Which, and why.
        line: append::RefusedLine,
        /// Where the manifest has them.
        at: Vec<Snippet>,
    },
    /// A text has no spelling in its place.
    #[error(transparent)]
    Unspeakable(#[from] words::Unspeakable),
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
