//! Resolution + closure + manifest → Dockerfile, entrypoint, sshd_config. A pure function: identical input, identical
//! bytes, with no host path, name, key, secret or time in them. Templates receive only words already quoted for their place.

use std::collections::BTreeMap;

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
    /// Package index settings that may hold credentials, mounted as `envctl-index`.
    Index,
    /// The user's own, by id.
    User(String),
}
