//! Whom downloads trust, here and in the build: this host's bundle of certificates, and any the configuration adds. Behind a
//! proxy that opens TLS nothing else verifies.

use std::path::{Path, PathBuf};

use super::PackagesError;
use crate::manifest::CaCertificates;
use crate::system::System;

/// Where distributions keep their bundle.
const USUAL: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A `BuildKit` secret takes no more.
const LIMIT: usize = 500 * 1024;

/// The PEM bundle for every download; none: what each program brings (also where the host has none).
pub fn bundle(wanted: &CaCertificates, project: &Path, system: &System) -> Result<Option<Vec<u8>>, PackagesError> {
    let files = match wanted {
        CaCertificates::Image => return Ok(None),
        CaCertificates::Host => &[][..],
        CaCertificates::Files(files) => files,
    };
    let mut bundle = Vec::new();
    if let Some(host) = host_bundle(system) {
        bundle.extend(read(&host)?);
    }
    for file in files {
        let path = file.strip_prefix("~").map_or_else(|_| project.join(file), |rest| system.home().join(rest));
        bundle.push(b'\n');
        bundle.extend(read(&path)?);
    }
    if bundle.len() > LIMIT {
        return Err(PackagesError::CertificatesTooLarge { bytes: bundle.len(), limit: LIMIT });
    }
    Ok(Some(bundle).filter(|bundle| !bundle.is_empty()))
}

/// This host's own bundle: `SSL_CERT_FILE`, else where its distribution keeps it.
#[must_use]
pub fn host_bundle(system: &System) -> Option<PathBuf> {
    let named = system.variable("SSL_CERT_FILE").map(PathBuf::from);
    named.into_iter().chain(USUAL.iter().map(PathBuf::from)).find(|path| path.is_file())
}

fn read(path: &Path) -> Result<Vec<u8>, PackagesError> {
    std::fs::read(path).map_err(|error| PackagesError::unreadable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(bundle: &Path) -> System {
        let mut system = System::of_process();
        system.variables.insert("SSL_CERT_FILE".to_owned(), bundle.display().to_string());
        system
    }

    #[test]
    fn own_files_come_after_the_hosts() {
        let dir = tempfile::tempdir().unwrap();
        let (host, own) = (dir.path().join("host.pem"), dir.path().join("own.pem"));
        std::fs::write(&host, "HOST").unwrap();
        std::fs::write(&own, "OWN").unwrap();
        let files = CaCertificates::Files(vec![PathBuf::from("own.pem")]);
        assert_eq!(bundle(&files, dir.path(), &system(&host)).unwrap().unwrap(), b"HOST\nOWN");
        assert_eq!(bundle(&CaCertificates::Image, dir.path(), &system(&host)).unwrap(), None);
    }

    #[test]
    fn a_missing_file_is_named() {
        let files = CaCertificates::Files(vec![PathBuf::from("/nonexistent/lab.pem")]);
        let error = bundle(&files, Path::new("/"), &System::of_process()).unwrap_err();
        assert!(error.to_string().contains("lab.pem"));
    }
}
