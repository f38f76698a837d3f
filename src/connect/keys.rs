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

const CLIENT_KEY: &str = "client_ed25519";

/// The server's key of an environment as it is kept in its state directory; where none is, one that nobody keeps, so that
/// a plan can be made.
pub fn host_key(state_directory: &Path, id: &str) -> Result<KeyPair, Error> {
    match kept_host_key(state_directory)? {
        KeptKey::Usable(pair) => Ok(pair),
        KeptKey::Missing | KeptKey::Spoilt(_) => Ok(generate(&state_directory.join(HOST_KEY), id)?),
    }
}

/// Its public half, from the file beside it: what a look needs that does not open the private one.
#[must_use]
pub fn public_host_key(state_directory: &Path) -> Option<String> {
    let bytes = files::read(&state_directory.join(HOST_KEY).with_extension("pub"), files::TEXT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end_matches('\n').to_owned())
}

/// Whether a file in the form of a private key is there. What it holds is not looked at.
#[must_use]
pub fn seems_kept(state_directory: &Path) -> bool {
    let bytes = files::read(&state_directory.join(HOST_KEY), files::TEXT).unwrap_or_default();
    bytes.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
        && bytes.ends_with(b"\n-----END OPENSSH PRIVATE KEY-----\n")
}

/// Makes and keeps the server's key of an environment.
pub fn make_host_key(state_directory: &Path, id: &str) -> Result<KeyPair, Error> {
    let pair = generate(&state_directory.join(HOST_KEY), id)?;
    keep(&pair)?;
    Ok(pair)
}

/// What is kept of a server's key.
#[derive(Debug)]
pub enum KeptKey {
    /// A key that a server can use.
    Usable(KeyPair),
    /// Nothing.
    Missing,
    /// Something that is no such key, in this file.
    Spoilt(PathBuf),
}

/// The server's key of an environment, where it has been made.
///
/// # Errors
/// The system does not let its file be read.
pub fn kept_host_key(state_directory: &Path) -> Result<KeptKey, ConnectError> {
    let path = state_directory.join(HOST_KEY);
    match files::read(&path, files::TEXT) {
        Ok(bytes) if server_key(&bytes).is_none() => Ok(KeptKey::Spoilt(path)),
        Ok(bytes) => Ok(KeptKey::Usable(parse(&path, bytes)?)),
        Err(error) if error.problem.is_missing() && path.is_symlink() => Ok(KeptKey::Spoilt(path)),
        Err(error) if error.problem.is_missing() => Ok(KeptKey::Missing),
        Err(error) if error.problem.is_of_system() => Err(unusable(&path, &error.problem)),
        Err(_) => Ok(KeptKey::Spoilt(path)),
    }
}

/// Keeps a server's key that was found elsewhere; `false` where the bytes are no key of the kind that is made here. Its
/// comment is not kept: it may hold anything.
pub fn take_host_key(state_directory: &Path, id: &str, private: &[u8]) -> Result<bool, Error> {
    let Some(key) = server_key(private) else { return Ok(false) };
    keep(&pair(&state_directory.join(HOST_KEY), key, id)?)?;
    Ok(true)
}

/// The key pair of a person who has no key at all, as it is kept beside the states; where none is, one that nobody keeps.
pub fn client_key(state_home: &Path) -> Result<KeyPair, ConnectError> {
    let path = state_home.join(CLIENT_KEY);
    match files::read(&path, files::TEXT) {
        Ok(bytes) => parse(&path, bytes),
        Err(error) if error.problem.is_missing() => generate(&path, "envctl"),
        Err(error) => Err(unusable(&path, &error.problem)),
    }
}

/// Makes that pair, where none is kept; whether it had to.
pub fn make_client_key(state_home: &Path) -> Result<bool, Error> {
    let is_missing = !state_home.join(CLIENT_KEY).exists();
    if is_missing {
        keep(&client_key(state_home)?)?;
    }
    Ok(is_missing)
}

/// The line of `known_hosts` that makes a client trust this host key under the environment's ID.
#[must_use]
pub fn known_hosts_line(id: &str, public_host_key: &str) -> String {
    format!("{id} {public_host_key}\n")
}

/// A key of the kind that is made here, which asks for no passphrase.
fn server_key(private: &[u8]) -> Option<PrivateKey> {
    let key = PrivateKey::from_openssh(private).ok();
    key.filter(|key| key.algorithm() == Algorithm::Ed25519 && !key.is_encrypted())
}

fn generate(path: &Path, comment: &str) -> Result<KeyPair, ConnectError> {
    let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(|error| unusable(path, &error))?;
    pair(path, key, comment)
}

/// The pair whose file is to be `path`.
fn pair(path: &Path, mut key: PrivateKey, comment: &str) -> Result<KeyPair, ConnectError> {
    key.set_comment(comment);
    let text = key.to_openssh(LineEnding::LF).map_err(|error| unusable(path, &error))?;
    parse(path, text.as_bytes().to_vec())
}

/// Writes both halves.
fn keep(pair: &KeyPair) -> Result<(), Error> {
    if let Some(directory) = pair.path.parent() {
        write::private_directory(directory)?;
    }
    write::replace(&pair.path, &pair.private, 0o600)?;
    write::replace(&pair.path.with_extension("pub"), format!("{}\n", pair.public).as_bytes(), 0o644)?;
    Ok(())
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
