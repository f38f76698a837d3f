//! How this host reaches package indexes: which, through which proxy, trusting whom. One value for everything that
//! downloads: pip, uv on this host, and the steps of a build.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Indexes, PackagesError, proxy, trust};
use crate::grants::Agreed;
use crate::system::System;

/// The way there. Its files live as long as it does; nobody else can read them.
#[derive(Debug)]
pub struct Access {
    indexes: Indexes,
    proxies: BTreeMap<String, String>,
    bundle: Option<NamedTempFile>,
    index_file: Option<NamedTempFile>,
}

impl Access {
    /// Puts together what the configuration, the variables and the host's files say.
    pub fn new(agreed: &Agreed<'_>, project: &Path, system: &System) -> Result<Self, PackagesError> {
        let network = &agreed.manifest().network;
        let indexes = Indexes::of(network, system);
        let bundle = trust::bundle(&network.ca_certificates.value, project, system)?;
        let bundle = bundle.map(|bytes| private_file(&bytes)).transpose()?;
        let own = Some(indexes.uv_config()).filter(|_| indexes.is_own());
        let index_file = own.map(|text| private_file(text.as_bytes())).transpose()?;
        Ok(Self { indexes, proxies: proxy::build_arguments(network, system), bundle, index_file })
    }

    /// The indexes beside those that the matrix names.
    #[must_use]
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// `HTTP_PROXY` and the like: arguments of a build, variables of a program.
    #[must_use]
    pub fn proxies(&self) -> &BTreeMap<String, String> {
        &self.proxies
    }

    /// A PEM file with whom to trust; none: what each program brings.
    #[must_use]
    pub fn bundle(&self) -> Option<&Path> {
        self.bundle.as_ref().map(NamedTempFile::path)
    }

    /// A `uv.toml` with this host's own indexes; none: it has none.
    #[must_use]
    pub fn index_file(&self) -> Option<&Path> {
        self.index_file.as_ref().map(NamedTempFile::path)
    }
}

fn private_file(bytes: &[u8]) -> Result<NamedTempFile, PackagesError> {
    let write = || {
        let mut file = NamedTempFile::new()?;
        file.write_all(bytes)?;
        file.flush()?;
        Ok(file)
    };
    write().map_err(|error: std::io::Error| PackagesError::unwritable(Path::new("/tmp"), &error))
}
