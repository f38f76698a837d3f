//! Key pairs that envctl creates: one for each environment's server, and one for each user who has none.
//!
//! A key that exists is reused, so that no client sees a changed host key.

use std::path::{Path, PathBuf};

use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey};

use super::ConnectError;
use crate::error::Error;
use crate::files;
use crate::project::write;

/// A key pair and its file.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The file of the private key, readable only by its owner.
    pub path: PathBuf,
    /// The private key in OpenSSH's format.
    pub private: Vec<u8>,
    /// The public key in one line, without a line break.
    pub public: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

const HOST_KEY: &str = "host_ed25519";

const CLIENT_KEY: &str = "client_ed25519";

/// Returns the server's key of an environment from its state directory. If none exists, it returns a new key without
/// storing it, so that a plan can be made.
pub fn host_key(state_directory: &Path, id: &str) -> Result<KeyPair, Error> {
    match kept_host_key(state_directory)? {
        KeptKey::Usable(pair) => Ok(pair),
        KeptKey::Missing | KeptKey::Spoilt(_) => Ok(generate_pair(&state_directory.join(HOST_KEY), id)?),
    }
}

/// Returns the public key from its own file, for checks that do not open the private key.
#[must_use]
pub fn public_host_key(state_directory: &Path) -> Option<String> {
    let bytes = files::read(&state_directory.join(HOST_KEY).with_extension("pub"), files::TEXT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end_matches('\n').to_owned())
}

/// Whether a file in the form of a private key exists. Its content is not checked.
#[must_use]
pub fn seems_kept(state_directory: &Path) -> bool {
    let bytes = files::read(&state_directory.join(HOST_KEY), files::TEXT).unwrap_or_default();
    bytes.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
        && bytes.ends_with(b"\n-----END OPENSSH PRIVATE KEY-----\n")
}

/// Makes and stores the server's key of an environment.
pub fn make_host_key(state_directory: &Path, id: &str) -> Result<KeyPair, Error> {
    let pair = generate_pair(&state_directory.join(HOST_KEY), id)?;
    store_pair(&pair)?;
    Ok(pair)
}

/// The stored key of a server.
#[derive(Debug)]
pub enum KeptKey {
    Usable(KeyPair),
    /// No key.
    Missing,
    /// This file is not a usable key.
    Spoilt(PathBuf),
}

/// Returns the stored key of an environment's server.
///
/// # Errors
/// The system does not permit reading the file.
pub fn kept_host_key(state_directory: &Path) -> Result<KeptKey, ConnectError> {
    let path = state_directory.join(HOST_KEY);
    match files::read(&path, files::TEXT) {
        Ok(bytes) if server_key(&bytes).is_none() => Ok(KeptKey::Spoilt(path)),
        Ok(bytes) => Ok(KeptKey::Usable(parse_pair(&path, bytes)?)),
        Err(error) if error.problem.is_missing() && path.is_symlink() => Ok(KeptKey::Spoilt(path)),
        Err(error) if error.problem.is_missing() => Ok(KeptKey::Missing),
        Err(error) if error.problem.is_of_system() => Err(unusable_key(&path, &error.problem)),
        Err(_) => Ok(KeptKey::Spoilt(path)),
    }
}

/// Stores a server's key that was found elsewhere. Returns `false` if the bytes are not a key of the kind that envctl
/// makes. The key's comment is dropped, because it may contain anything.
pub fn take_host_key(state_directory: &Path, id: &str, private: &[u8]) -> Result<bool, Error> {
    let Some(key) = server_key(private) else { return Ok(false) };
    store_pair(&public_pair(&state_directory.join(HOST_KEY), key, id)?)?;
    Ok(true)
}

/// Returns the key pair for a user who has no key, from the directory of the states. If none exists, it returns a new
/// pair without storing it.
pub fn client_key(state_home: &Path) -> Result<KeyPair, ConnectError> {
    let path = state_home.join(CLIENT_KEY);
    match files::read(&path, files::TEXT) {
        Ok(bytes) => parse_pair(&path, bytes),
        Err(error) if error.problem.is_missing() => generate_pair(&path, "envctl"),
        Err(error) => Err(unusable_key(&path, &error.problem)),
    }
}

/// Makes and stores that pair if it does not exist. Returns whether it was made.
pub fn make_client_key(state_home: &Path) -> Result<bool, Error> {
    let is_missing = !state_home.join(CLIENT_KEY).exists();
    if is_missing {
        store_pair(&client_key(state_home)?)?;
    }
    Ok(is_missing)
}

/// Returns the line of `known_hosts` that makes a client trust this host key under the environment's ID.
#[must_use]
pub fn known_hosts_line(id: &str, public_host_key: &str) -> String {
    format!("{id} {public_host_key}\n")
}

/// Parses a key of the kind that envctl makes, without a passphrase.
fn server_key(private: &[u8]) -> Option<PrivateKey> {
    let key = PrivateKey::from_openssh(private).ok();
    key.filter(|key| key.algorithm() == Algorithm::Ed25519 && !key.is_encrypted())
}

fn generate_pair(path: &Path, comment: &str) -> Result<KeyPair, ConnectError> {
    let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(|error| unusable_key(path, &error))?;
    public_pair(path, key, comment)
}

/// Returns the key pair for the file `path`.
fn public_pair(path: &Path, mut key: PrivateKey, comment: &str) -> Result<KeyPair, ConnectError> {
    key.set_comment(comment);
    let text = key.to_openssh(LineEnding::LF).map_err(|error| unusable_key(path, &error))?;
    parse_pair(path, text.as_bytes().to_vec())
}

/// Writes both files.
fn store_pair(pair: &KeyPair) -> Result<(), Error> {
    if let Some(directory) = pair.path.parent() {
        write::private_directory(directory)?;
    }
    write::replace(&pair.path, &pair.private, 0o600)?;
    write::replace(&pair.path.with_extension("pub"), format!("{}\n", pair.public).as_bytes(), 0o644)?;
    Ok(())
}

fn parse_pair(path: &Path, private: Vec<u8>) -> Result<KeyPair, ConnectError> {
    let key = PrivateKey::from_openssh(&private).map_err(|error| unusable_key(path, &error))?;
    let public = key.public_key().to_openssh().map_err(|error| unusable_key(path, &error))?;
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    Ok(KeyPair { path: path.to_path_buf(), private, public, fingerprint })
}

fn unusable_key(path: &Path, error: &impl ToString) -> ConnectError {
    ConnectError::KeyFile { path: path.to_path_buf(), reason: error.to_string(), at: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Report;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("lab-1a2b3c4d");
        let made = make_host_key(&state, "lab-1a2b3c4d").unwrap();
        let again = host_key(&state, "lab-1a2b3c4d").unwrap();
        assert_eq!(made.public, again.public);
        assert_eq!(made.private, again.private);
        assert!(made.fingerprint.starts_with("SHA256:"));
        let permissions = std::fs::metadata(&made.path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        assert!(made.public.starts_with("ssh-ed25519 ") && made.public.ends_with(" lab-1a2b3c4d"));
    }

    #[test]
    fn a_key_from_elsewhere_is_taken_without_its_comment_and_junk_is_not() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).unwrap();
        key.set_comment("x\n* ssh-ed25519 AAAA");
        let foreign = key.to_openssh(LineEnding::LF).unwrap();
        assert!(take_host_key(here.path(), "lab", foreign.as_bytes()).unwrap());
        let taken = host_key(here.path(), "lab").unwrap();
        assert_eq!(taken.fingerprint, key.fingerprint(HashAlg::Sha256).to_string());
        assert!(taken.public.ends_with(" lab") && !taken.public.contains('\n'), "{}", taken.public);
        assert!(!take_host_key(there.path(), "lab", b"-----BEGIN OPENSSH PRIVATE KEY-----\njunk").unwrap());
        assert!(matches!(kept_host_key(there.path()), Ok(KeptKey::Missing)));
    }

    #[test]
    fn what_is_no_key_is_told_from_none_and_from_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(HOST_KEY);
        let spoilt = || matches!(kept_host_key(dir.path()), Ok(KeptKey::Spoilt(path)) if path == file);
        assert!(matches!(kept_host_key(dir.path()), Ok(KeptKey::Missing)));
        std::fs::create_dir(&file).unwrap();
        assert!(spoilt());
        std::fs::remove_dir(&file).unwrap();
        std::os::unix::fs::symlink("nowhere", &file).unwrap();
        assert!(spoilt());
        std::fs::remove_file(&file).unwrap();
        for junk in ["", "junk", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"] {
            std::fs::write(&file, junk).unwrap();
            assert!(spoilt(), "{junk}");
        }
        std::fs::remove_file(&file).unwrap();
        let made = make_host_key(dir.path(), "lab").unwrap();
        assert!(matches!(kept_host_key(dir.path()), Ok(KeptKey::Usable(pair)) if pair.private == made.private));
    }

    #[test]
    fn a_look_keeps_no_key() {
        let dir = tempfile::tempdir().unwrap();
        host_key(dir.path(), "lab").unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_key_of_a_person_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("client_ed25519");
        std::fs::write(&file, "not a key").unwrap();
        let error = client_key(dir.path()).unwrap_err();
        assert_eq!(error.kind(), "key-file");
        assert!(error.hints()[0].starts_with(&format!("move `{}` away", file.display())));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a key");
    }
}
