//! Asks the caller's SSH agent for its public keys over its socket.
//!
//! Only public keys are read; a missing agent is not an error.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ssh_key::PublicKey;

use crate::system::System;

/// The time limit for the agent. An agent forwarded from another computer is slow; if that computer is gone, it never
/// answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// The limit for an answer in bytes; a longer one is not a list of keys.
const LONGEST: usize = 1 << 20;

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;

/// Returns lines of `authorized_keys` in the agent's order; empty if there is no agent or it does not answer.
#[must_use]
pub fn public_keys(system: &System) -> Vec<String> {
    let Some(socket) = system.variable("SSH_AUTH_SOCK") else { return Vec::new() };
    ask_for_keys(socket).map(|answer| parse_keys(&answer)).unwrap_or_default()
}

fn ask_for_keys(socket: &str) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&[0, 0, 0, 1, REQUEST_IDENTITIES])?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

/// Parses the message after its length: a type, a count, then a key and a comment for each key. Unreadable data ends
/// the list.
fn parse_keys(answer: &[u8]) -> Vec<String> {
    let Some((&IDENTITIES_ANSWER, rest)) = answer.split_first() else { return Vec::new() };
    let mut rest = rest.get(4..).unwrap_or_default();
    let mut lines = Vec::new();
    while let Some((key, comment)) = field(&mut rest).zip(field(&mut rest)) {
        let Ok(mut key) = PublicKey::from_bytes(key) else { continue };
        key.set_comment(String::from_utf8_lossy(comment).replace(|c: char| c.is_control(), " "));
        lines.extend(key.to_openssh());
    }
    lines
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
    let (bytes, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn answer(comment: &str) -> Vec<u8> {
        let blob = PublicKey::from_openssh(KEY).unwrap().to_bytes().unwrap();
        let mut answer = vec![IDENTITIES_ANSWER, 0, 0, 0, 1];
        for bytes in [blob.as_slice(), comment.as_bytes()] {
            answer.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            answer.extend(bytes);
        }
        answer
    }

    #[test]
    fn keys_with_their_comments() {
        assert_eq!(parse_keys(&answer("ada@laptop")), [format!("{KEY} ada@laptop")]);
        assert_eq!(parse_keys(&answer("a\nssh-rsa evil")), [format!("{KEY} a ssh-rsa evil")]);
    }

    #[test]
    fn rubbish_is_no_key() {
        assert!(parse_keys(&[]).is_empty());
        assert!(parse_keys(&[5]).is_empty());
        assert!(parse_keys(&answer("x")[..20]).is_empty());
    }

    #[test]
    fn an_agent_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("agent");
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let agent = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 5];
            stream.read_exact(&mut request).unwrap();
            let answer = answer("ada");
            stream.write_all(&u32::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
            request
        });
        let mut system = System::for_tests();
        system.variables.insert("SSH_AUTH_SOCK".to_owned(), socket.display().to_string());
        assert_eq!(public_keys(&system), [format!("{KEY} ada")]);
        assert_eq!(agent.join().unwrap(), [0, 0, 0, 1, REQUEST_IDENTITIES]);
    }
}
