//! Whom downloads trust, here and in the build: this host's bundle of certificates, and any the configuration adds. Behind a
//! proxy that opens TLS nothing else verifies.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::PackagesError;
use crate::files::{self, RootedDirectory};
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

/// Of one file: no bundle of use is larger.
const LARGEST: u64 = 4 << 20;

/// The PEM bundle for every download; none: what each program brings (also where the host has none).
pub fn bundle(
    wanted: &CaCertificates,
    project: &RootedDirectory,
    system: &System,
) -> Result<Option<Vec<u8>>, PackagesError> {
    let files = match wanted {
        CaCertificates::Image => return Ok(None),
        CaCertificates::Host => &[][..],
        CaCertificates::Files(files) => files,
    };
    let mut bundle = Vec::new();
    if let Some(host) = host_bundle(system) {
        bundle.extend(files::read(&host, LARGEST)?);
    }
    for file in files {
        let path = file.strip_prefix("~").map_or_else(|_| file.clone(), |rest| system.home().join(rest));
        bundle.push(b'\n');
        bundle.extend(certificates(&path, &project.read_named(&path, LARGEST)?)?);
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
    named.into_iter().chain(USUAL.iter().map(PathBuf::from)).find(|path| files::is_regular(path))
}

/// The certificates of a PEM file and nothing else in it: a bundle goes into builds, where a key or a password that the
/// file holds has no place.
fn certificates(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, PackagesError> {
    let none = || PackagesError::NoCertificates { path: path.to_path_buf() };
    let mut pem = Vec::new();
    for found in CertificateDer::pem_slice_iter(bytes) {
        let certificate = found.map_err(|_| none())?;
        pem.extend(b"-----BEGIN CERTIFICATE-----\n");
        for line in BASE64.encode(&certificate).as_bytes().chunks(64) {
            pem.extend(line);
            pem.push(b'\n');
        }
        pem.extend(b"-----END CERTIFICATE-----\n");
    }
    if pem.is_empty() { Err(none()) } else { Ok(pem) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        let pem = "-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nT1dO\n-----END PRIVATE KEY-----\n";
        std::fs::write(&own, format!("our own\n{key}{pem}password = x\n")).unwrap();
        let files = CaCertificates::Files(vec![PathBuf::from("own.pem")]);
        let project = RootedDirectory::open(dir.path()).unwrap();
        let bundled = bundle(&files, &project, &system(&host)).unwrap().unwrap();
        assert_eq!(String::from_utf8(bundled).unwrap(), format!("HOST\n{pem}"));
        assert_eq!(bundle(&CaCertificates::Image, &project, &system(&host)).unwrap(), None);
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let system = system(Path::new("/nonexistent"));
        for text in ["", "password", "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"] {
            std::fs::write(dir.path().join("own.pem"), text).unwrap();
            let files = CaCertificates::Files(vec![PathBuf::from("own.pem")]);
            let told = bundle(&files, &RootedDirectory::open(dir.path()).unwrap(), &system);
            assert!(matches!(told, Err(PackagesError::NoCertificates { .. })), "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let files = CaCertificates::Files(vec![PathBuf::from("/nonexistent/lab.pem")]);
        let error = bundle(&files, &RootedDirectory::open(Path::new("/")).unwrap(), &System::of_process()).unwrap_err();
        assert!(error.to_string().contains("lab.pem"));
    }
}
