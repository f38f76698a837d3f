//! Key pairs that envctl makes: the server's, one for each environment, and the client's, one for each person who has none.

use std::path::{Path, PathBuf};

use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey};

use super::ConnectError;
use crate::error::Error;
use crate::files;
use crate::project::write;

/// A key pair on disk.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The private half's file, readable by its owner alone.
    pub path: PathBuf,
    /// The private half, OpenSSH's format.
    pub private: Vec<u8>,
    /// The public half, one line without a line break.
    pub public: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

const HOST_KEY: &str = "host_ed25519";

/// The server's key of an environment, made once and kept in its state directory.
pub fn host_key(state_directory: &Path, id: &str) -> Result<KeyPair, Error> {
    load_or_make(&state_directory.join(HOST_KEY), id)
}

/// Its public half, from the file beside it: what a look needs that does not open the private one.
#[must_use]
pub fn public_host_key(state_directory: &Path) -> Option<String> {
    let bytes = files::read(&state_directory.join(HOST_KEY).with_extension("pub"), files::TEXT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end_matches('\n').to_owned())
}

/// Whether it has been made.
#[must_use]
pub fn has_host_key(state_directory: &Path) -> bool {
    state_directory.join(HOST_KEY).exists()
}

/// Keeps a server's key that was found elsewhere; `false` where the bytes are no key of the kind that is made here. Its
/// comment is not kept: it may hold anything.
pub fn take_host_key(state_directory: &Path, id: &str, private: &[u8]) -> Result<bool, Error> {
    let key = PrivateKey::from_openssh(private).ok();
    let Some(key) = key.filter(|key| key.algorithm() == Algorithm::Ed25519 && !key.is_encrypted()) else {
        return Ok(false);
    };
    keep(&state_directory.join(HOST_KEY), key, id)?;
    Ok(true)
}

/// The key pair of a person who has no key at all, made once and kept beside the states.
pub fn client_key(state_home: &Path) -> Result<KeyPair, Error> {
    load_or_make(&state_home.join("client_ed25519"), "envctl")
}

/// The line of `known_hosts` that makes a client trust this host key under the environment's ID.
#[must_use]
pub fn known_hosts_line(id: &str, public_host_key: &str) -> String {
    format!("{id} {public_host_key}\n")
}

fn load_or_make(path: &Path, comment: &str) -> Result<KeyPair, Error> {
    match files::read(path, files::TEXT) {
        Ok(bytes) => parse(path, bytes).map_err(Error::from),
        Err(error) if error.problem.is_missing() => make(path, comment),
        Err(error) => Err(unusable(path, &error.problem).into()),
    }
}

fn make(path: &Path, comment: &str) -> Result<KeyPair, Error> {
    let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(|error| unusable(path, &error))?;
    keep(path, key, comment)
}

fn keep(path: &Path, mut key: PrivateKey, comment: &str) -> Result<KeyPair, Error> {
    key.set_comment(comment);
    let text = key.to_openssh(LineEnding::LF).map_err(|error| unusable(path, &error))?;
    if let Some(directory) = path.parent() {
        write::private_directory(directory)?;
    }
    let pair = parse(path, text.as_bytes().to_vec())?;
    write::replace(path, &pair.private, 0o600)?;
    write::replace(&path.with_extension("pub"), format!("{}\n", pair.public).as_bytes(), 0o644)?;
    Ok(pair)
}

fn parse(path: &Path, private: Vec<u8>) -> Result<KeyPair, ConnectError> {
    let key = PrivateKey::from_openssh(&private).map_err(|error| unusable(path, &error))?;
    let public = key.public_key().to_openssh().map_err(|error| unusable(path, &error))?;
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    Ok(KeyPair { path: path.to_path_buf(), private, public, fingerprint })
}

fn unusable(path: &Path, error: &impl ToString) -> ConnectError {
    ConnectError::KeyFile { path: path.to_path_buf(), reason: error.to_string(), at: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("lab-1a2b3c4d");
        let made = host_key(&state, "lab-1a2b3c4d").unwrap();
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
        assert!(!has_host_key(there.path()));
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("host_ed25519");
        std::fs::write(&file, "not a key").unwrap();
        let error = host_key(dir.path(), "lab").unwrap_err();
        assert_eq!(error.report().kind(), "key-file");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a key");
    }
}
