//! The certificates that downloads trust, on this host and in the build: this host's bundle and those in the
//! configuration.
//!
//! Behind a proxy that opens TLS, no other certificates can verify a connection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::PackagesError;
use crate::digest::hex;
use crate::files::{self, FileError, RootedDirectory};
use crate::grants::Agreed;
use crate::manifest::{CaCertificates, host_path};
use crate::system::System;

/// The paths of the bundle in common distributions.
const USUAL: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The largest size of a `BuildKit` secret, bytes.
const LIMIT: usize = 500 * 1024;

/// The largest size of one file, bytes. No common bundle is larger.
const LARGEST: u64 = 4 << 20;

/// The PEM bundle for every download. `None`: each program uses its own certificates (also if the host has no bundle).
///
/// # Errors
///
/// A file that cannot be read, contains no certificate, or changed after the user agreed to it.
pub fn bundle(
    agreed: &Agreed<'_>,
    project: &RootedDirectory,
    system: &System,
) -> Result<Option<Vec<u8>>, PackagesError> {
    let files = match &agreed.manifest().network.ca_certificates.value {
        CaCertificates::Image => return Ok(None),
        CaCertificates::Host => &[][..],
        CaCertificates::Files(files) => files,
    };
    let mut bundle = Vec::new();
    if let Some(host) = host_bundle(system) {
        bundle.extend(project.read_large_callers(&host, LARGEST)?);
    }
    for file in files {
        let bytes = read(file, project, system)?;
        if !agreed.covers_certificates(file, &digest(&bytes)) {
            return Err(PackagesError::CertificatesChanged { path: file.clone() });
        }
        bundle.push(b'\n');
        bundle.extend(certificates(file, &bytes)?);
    }
    if bundle.len() > LIMIT {
        return Err(PackagesError::CertificatesTooLarge { bytes: bundle.len(), limit: LIMIT });
    }
    Ok(Some(bundle).filter(|bundle| !bundle.is_empty()))
}

/// The digest of each file of `[network] ca-certificates`, by path. The user agrees to the content, not to the name. An
/// unreadable file has no digest.
#[must_use]
pub fn digests(wanted: &CaCertificates, project: &RootedDirectory, system: &System) -> BTreeMap<PathBuf, String> {
    let CaCertificates::Files(files) = wanted else { return BTreeMap::new() };
    let read = files.iter().filter_map(|file| Some((file.clone(), digest(&read(file, project, system).ok()?))));
    read.collect()
}

fn read(file: &Path, project: &RootedDirectory, system: &System) -> Result<Vec<u8>, FileError> {
    project.read_named(&host_path(file, project.path(), &system.home()), LARGEST)
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// This host's own bundle: `SSL_CERT_FILE`, else the distribution's path.
#[must_use]
pub fn host_bundle(system: &System) -> Option<PathBuf> {
    let named = system.variable("SSL_CERT_FILE").map(PathBuf::from);
    named.into_iter().chain(USUAL.iter().map(PathBuf::from)).find(|path| files::is_regular(path))
}

/// The certificates of a PEM file without its other content. The bundle goes into builds, which must not see a key or a
/// password from the file.
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
    use crate::grants::{self, Allowance, Consents, GrantKind, Phase, Surroundings};
    use crate::manifest::{Layer, LayerKind, Manifest};

    fn system(bundle: &Path) -> System {
        let mut system = System::for_tests();
        system.variables.insert("SSL_CERT_FILE".to_owned(), bundle.display().to_string());
        system
    }

    /// A manifest with this value, in a layer of this kind.
    fn manifest(value: &str, kind: LayerKind) -> Manifest {
        let layer = |kind, text: String| Layer { path: "/srv/lab/envctl.toml".into(), text, kind };
        let setting = format!("[network]\nca-certificates = {value}\n");
        let base = "name = \"lab\"\n[frameworks]\njax = \"0.7\"\n";
        let layers = match kind {
            LayerKind::Project => vec![layer(kind, format!("{base}{setting}"))],
            _ => vec![layer(kind, setting), layer(LayerKind::Project, base.to_owned())],
        };
        Manifest::parse_layers(layers).unwrap()
    }

    /// The bundle for a user who set that value.
    fn bundled(value: &str, project: &Path, system: &System) -> Result<Option<Vec<u8>>, PackagesError> {
        let manifest = manifest(value, LayerKind::User);
        let agreed = Agreed::without_wishes(&manifest).unwrap();
        bundle(&agreed, &RootedDirectory::open(project).unwrap(), system)
    }

    #[test]
    fn own_files_come_after_the_hosts() {
        let dir = tempfile::tempdir().unwrap();
        let (host, own) = (dir.path().join("host.pem"), dir.path().join("own.pem"));
        std::fs::write(&host, "HOST").unwrap();
        let pem = "-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nT1dO\n-----END PRIVATE KEY-----\n";
        std::fs::write(&own, format!("our own\n{key}{pem}password = x\n")).unwrap();
        let value = format!("[{:?}]", own.display().to_string());
        let found = bundled(&value, dir.path(), &system(&host)).unwrap().unwrap();
        assert_eq!(String::from_utf8(found).unwrap(), format!("HOST\n{pem}"));
        assert_eq!(bundled("\"image\"", dir.path(), &system(&host)).unwrap(), None);
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let system = system(Path::new("/nonexistent"));
        let own = dir.path().join("own.pem");
        for text in ["", "password", "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&own, text).unwrap();
            let told = bundled(&format!("[{:?}]", own.display().to_string()), dir.path(), &system);
            assert!(matches!(told, Err(PackagesError::NoCertificates { .. })), "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = bundled("[\"/nonexistent/lab.pem\"]", Path::new("/"), &System::for_tests()).unwrap_err();
        assert!(error.to_string().contains("lab.pem"));
    }

    #[test]
    fn a_file_that_changes_behind_the_consent_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let system = system(Path::new("/nonexistent"));
        let project = RootedDirectory::open(dir.path()).unwrap();
        let pem = "-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n";
        std::fs::write(dir.path().join("own.pem"), pem).unwrap();
        let manifest = manifest("[\"own.pem\"]", LayerKind::Project);
        let certificates = digests(&manifest.network.ca_certificates.value, &project, &system);
        let nothing = std::collections::BTreeSet::new();
        let surroundings = Surroundings {
            project: dir.path(),
            home: Path::new("/"),
            is_root: false,
            trusted: &[],
            socket: None,
            real: &Path::to_path_buf,
            mounts: &BTreeMap::new(),
            volumes: &nothing,
            variables: &[],
            package_hosts: &nothing,
            certificates: &certificates,
        };
        let allowed = [Allowance { kind: GrantKind::NetworkSettings, object: None }];
        let consents = Consents { allowed: &allowed, remembered: &nothing, verb: "lock" };
        let (agreed, _) = grants::agree(&manifest, &surroundings, Phase::Resolve, consents, |_| false).unwrap();
        assert!(bundle(&agreed, &project, &system).is_ok());
        std::fs::write(dir.path().join("own.pem"), format!("{pem}{pem}")).unwrap();
        assert!(matches!(bundle(&agreed, &project, &system), Err(PackagesError::CertificatesChanged { .. })));
    }
}
