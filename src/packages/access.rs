//! The way from this host to package indexes: the indexes, the proxy and the trusted certificates.
//!
//! One value serves every downloader: pip, uv on this host, and the steps of a build. So they cannot disagree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Indexes, PackagesError, proxy, trust};
use crate::files::RootedDirectory;
use crate::grants::Agreed;
use crate::system::{PrivateFile, System};

/// The indexes, proxies and certificates of downloads. Its files are in memory, are deleted with it, and only this user
/// can read them.
#[derive(Debug)]
pub struct Access {
    indexes: Indexes,
    proxies: BTreeMap<String, String>,
    bundle: Option<PrivateFile>,
    index_file: PrivateFile,
}

impl Access {
    /// Combines the configuration, the variables and the host's files.
    pub fn new(agreed: &Agreed<'_>, project: &RootedDirectory, system: &System) -> Result<Self, PackagesError> {
        let network = &agreed.manifest().network;
        let indexes = Indexes::of(network, system, project);
        let bundle = trust::bundle(agreed, project, system)?;
        let bundle = bundle.map(|bytes| private_file(&bytes)).transpose()?;
        let index_file = private_file(indexes.uv_config().as_bytes())?;
        Ok(Self { indexes, proxies: proxy::build_arguments(network, system), bundle, index_file })
    }

    /// The indexes in addition to those of the matrix.
    #[must_use]
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// `HTTP_PROXY` and related names: arguments of a build, variables of a program.
    #[must_use]
    pub fn proxies(&self) -> &BTreeMap<String, String> {
        &self.proxies
    }

    /// A PEM file with the trusted certificates. `None`: each program uses its own.
    #[must_use]
    pub fn bundle(&self) -> Option<PathBuf> {
        self.bundle.as_ref().map(PrivateFile::path)
    }

    /// A `uv.toml` with this host's own indexes. It is empty if the host has none.
    #[must_use]
    pub fn index_file(&self) -> PathBuf {
        self.index_file.path()
    }
}

fn private_file(bytes: &[u8]) -> Result<PrivateFile, PackagesError> {
    PrivateFile::new(bytes).map_err(|error| PackagesError::unwritable(Path::new("memory"), &error))
}
