//! Proves that `ssh NAME` works: runs the user's own client with the user's own configuration.
//!
//! Only this test covers every setting that can break the login.

use super::Endpoint;
use super::install::{self, OWN_COMMAND};
use super::openssh::{OpenSsh, find_unheeded, is_encrypted, last_words};
use crate::system::System;

/// The options of an unattended call: no question, no long wait for a server that does not answer.
const UNATTENDED: [&str; 6] = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--"];

/// The word that the shell inside prints. It has no special characters, so every shell reads it alike.
const ANSWER: &str = "envctl-entered";

/// The result of `ssh NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The login works.
    Entered,
    /// The right server answers; a key needs its passphrase, which the user can type.
    NeedsPassphrase,
    /// The right server answers, and none of this account's keys may log in.
    NotAuthorized,
    /// The right server answers, and the login shell ends before it runs the command: a `~/.bashrc` that exits.
    ShellEnds {
        /// The exit code of the login.
        code: i32,
    },
    /// The name does not lead to the server.
    Failed {
        /// The client's message.
        reason: String,
        /// Keywords that a setting before the entry gives another value.
        unheeded: Vec<String>,
    },
}

/// Logs in by the environment's name and out again. It repeats a first failure, which a busy machine can cause.
pub async fn prove_entry(client: &OpenSsh, endpoint: &Endpoint) -> Proof {
    match enter_once(client, endpoint).await {
        Proof::Failed { .. } => enter_once(client, endpoint).await,
        proof => proof,
    }
}

/// Returns the command that enters the environment: the one that the last `up` tested if nothing it depends on has
/// changed, otherwise `envctl ssh`. It does not log in.
pub async fn entry_command(system: &System, endpoint: &Endpoint) -> String {
    let is_there = endpoint.command != OWN_COMMAND && install::is_installed(system, endpoint);
    let is_heeded = match OpenSsh::of(system) {
        Some(client) if is_there => {
            let settings = client.settings(endpoint.name()).await;
            settings.is_some_and(|settings| find_unheeded(endpoint, &settings).is_empty())
        }
        _ => is_there,
    };
    if is_heeded { endpoint.command.clone() } else { OWN_COMMAND.to_owned() }
}

async fn enter_once(client: &OpenSsh, endpoint: &Endpoint) -> Proof {
    let name = endpoint.name();
    let words: Vec<_> = UNATTENDED.into_iter().chain([name, "echo", ANSWER]).collect();
    let reason = match client.run(&words).await {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains(ANSWER) => return Proof::Entered,
        Ok(output) => match output.status.code() {
            // Any other code comes from the login itself: the connection works.
            Some(code) if code != 255 => return Proof::ShellEnds { code },
            _ => last_words(&output),
        },
        Err(reason) => reason,
    };
    let settings = client.settings(name).await.unwrap_or_default();
    let unheeded = if settings.is_empty() { Vec::new() } else { find_unheeded(endpoint, &settings) };
    if unheeded.is_empty() && reason.contains("Permission denied (publickey") {
        return if has_encrypted(endpoint) { Proof::NeedsPassphrase } else { Proof::NotAuthorized };
    }
    Proof::Failed { reason, unheeded }
}

fn has_encrypted(endpoint: &Endpoint) -> bool {
    let texts = endpoint.identities.iter().filter_map(|path| crate::files::read_text(path, crate::files::TEXT).ok());
    texts.into_iter().any(|text| is_encrypted(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_passphrase_is_told_from_one_without() {
        let dir = tempfile::tempdir().unwrap();
        let made = |name: &str, passphrase: &str| {
            let path = dir.path().join(name);
            let mut keygen = crate::system::command("ssh-keygen");
            let made = keygen.args(["-q", "-t", "ed25519", "-N", passphrase, "-f"]).arg(&path).status();
            assert!(made.unwrap().success());
            Endpoint { identities: vec![path], ..super::super::entry::sample() }
        };
        assert!(has_encrypted(&made("locked", "secret")));
        assert!(!has_encrypted(&made("open", "")));
    }
}
