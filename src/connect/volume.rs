//! The files of the SSH server: one tar archive of root-owned files for the environment's volume.
//!
//! The same input gives the same bytes, so the hash shows whether an upload is needed.

use sha2::{Digest, Sha256};

use crate::digest::hex;

/// The directory in the container where the volume is mounted.
pub const DIRECTORY: &str = "/etc/envctl-ssh";

/// The file name of the private host key in it.
pub const HOST_KEY: &str = "host_ed25519";

/// The files of an SSH server.
#[derive(Clone, Debug)]
pub struct ServerFiles<'a> {
    /// The private host key.
    pub host_key: &'a [u8],
    /// The public host key in one line.
    pub host_key_public: &'a str,
    /// Lines of `authorized_keys`.
    pub authorized: &'a [String],
    /// `sshd_config`, as rendered.
    pub config: &'a str,
}

impl ServerFiles<'_> {
    /// Returns the archive, which is unpacked at [`DIRECTORY`].
    #[must_use]
    pub fn tar(&self) -> Vec<u8> {
        let mut authorized = self.authorized.join("\n");
        authorized.push('\n');
        let public = format!("{}\n", self.host_key_public);
        let files: [(&str, &[u8], u32); 4] = [
            ("authorized_keys", authorized.as_bytes(), 0o644),
            (HOST_KEY, self.host_key, 0o600),
            ("host_ed25519.pub", public.as_bytes(), 0o644),
            ("sshd_config", self.config.as_bytes(), 0o644),
        ];
        let mut archive = tar::Builder::new(Vec::new());
        for (name, bytes, mode) in files {
            let mut header = tar::Header::new_ustar();
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_mode(mode);
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes).expect("a Vec takes every write and the names are short");
        }
        archive.into_inner().expect("a Vec takes every write")
    }
}

/// Returns the hash of an archive, as the state stores it.
#[must_use]
pub fn hash_archive(tar: &[u8]) -> String {
    hex(&Sha256::digest(tar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn files_are_roots_and_the_key_is_private() {
        let authorized = vec!["ssh-ed25519 AAAA a".to_owned(), "ssh-ed25519 BBBB b".to_owned()];
        let files =
            ServerFiles { host_key: b"key", host_key_public: "pub", authorized: &authorized, config: "Port 22\n" };
        assert_eq!(files.tar(), files.tar());
        let bytes = files.tar();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let (uid, mode) = (entry.header().uid().unwrap(), entry.header().mode().unwrap());
            let name = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            seen.push(format!("{name} {uid} {mode:o} {text:?}"));
        }
        insta::assert_snapshot!(seen.join("\n"), @r#"
        authorized_keys 0 644 "ssh-ed25519 AAAA a\nssh-ed25519 BBBB b\n"
        host_ed25519 0 600 "key"
        host_ed25519.pub 0 644 "pub\n"
        sshd_config 0 644 "Port 22\n"
        "#);
    }
}
