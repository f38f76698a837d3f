//! The build context, as files and as one archive.

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

impl BuildContext {
    /// A tar archive of the files, in the order of their names, of nobody at no time: the builder's cache and the image's
    /// own bytes depend on nothing else.
    #[must_use]
    pub fn tar(&self) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, file) in &self.files {
            append(&mut archive, path, file);
        }
        archive.into_inner().expect("a Vec takes every write")
    }
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, file: &ContextFile) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(if file.executable { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(file.bytes.len() as u64);
    archive
        .append_data(&mut header, path, file.bytes.as_slice())
        .expect("a Vec takes every write and paths are relative");
}
