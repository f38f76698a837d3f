//! The build context, as files and as one archive.
//!
//! The archive is byte-stable, because the builder's cache depends on it.

use std::collections::BTreeMap;

/// All input of the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildContext {
    /// The files by their path in the context, including `Dockerfile`.
    pub files: BTreeMap<String, ContextFile>,
    /// The ids of the secret mounts in the Dockerfile, and their purpose.
    pub secrets: Vec<ContextSecret>,
    /// Build arguments that do not change the image's cache key (`HTTP_PROXY`).
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
    /// The PEM bundle of certificates that the build steps trust, mounted as `envctl-ca`.
    Certificates,
    /// A `uv.toml` with package index settings that can contain credentials, mounted as `envctl-index`.
    Index,
    /// The same settings without names and passwords, mounted as `envctl-addresses`. A user's own image can see them.
    Addresses,
    /// A secret of the user, by its id.
    User(String),
}

impl ContextSecret {
    /// The id in the Dockerfile.
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
    /// A tar archive of the files in the order of their names, with a fixed owner and time. So the builder's cache and
    /// the image's bytes depend only on the files.
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
