//! The caller's own `ssh` with the configuration that it reads.
//!
//! envctl asks it for settings and runs it to see whether a name leads to the right server.

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use super::directory::Directory;
use super::entry;
use crate::render::words::ShellWord;
use crate::system::{System, async_command, output};

/// The time limit for one call: a configuration may run commands.
const PATIENCE: Duration = Duration::from_secs(20);

/// The caller's own `ssh`.
#[derive(Clone, Debug)]
pub struct OpenSsh {
    program: PathBuf,
    /// The configuration to name, if it is not where the client looks.
    config: Option<PathBuf>,
}

impl OpenSsh {
    /// Returns the caller's client; `None` if none exists, or if it would run as another user (under `sudo`).
    #[must_use]
    pub fn of(system: &System) -> Option<Self> {
        if system.is_root && system.uid != 0 {
            return None;
        }
        Some(Self { program: system.find_program("ssh")?, config: Directory::of(system).named_config() })
    }

    /// The same client with another configuration.
    #[must_use]
    pub fn with_config(&self, config: PathBuf) -> Self {
        Self { program: self.program.clone(), config: Some(config) }
    }

    /// Whether the client finds the user's configuration without help.
    #[must_use]
    pub fn finds_config(&self) -> bool {
        self.config.is_none()
    }

    /// Runs the client to its end, without input; `Err` contains the reason why it did not end.
    pub async fn run(&self, words: &[&str]) -> Result<Output, String> {
        let mut command = async_command(&self.program);
        if let Some(config) = &self.config {
            command.arg("-F").arg(config);
        }
        command.args(words);
        let ended = tokio::time::timeout(PATIENCE, output(command)).await;
        let output = ended.map_err(|_| format!("it did not end within {} s", PATIENCE.as_secs()))?;
        output.map_err(|error| error.to_string())
    }

    /// Returns the client's settings for a host: a keyword in lower case and its value in each line.
    pub async fn settings(&self, host: &str) -> Option<Vec<String>> {
        let output = self.run(&["-G", "--", host]).await.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }
}

/// Returns the command that enters a host of the caller's configuration: `ssh lab`. If `HOME` is not the account's
/// home, the command names the configuration.
#[must_use]
pub fn typed(system: &System, host: &str) -> String {
    let config = Directory::of(system).named_config();
    let word = config.and_then(|path| ShellWord::new(path.to_str()?).ok());
    word.map_or_else(|| format!("ssh {host}"), |word| format!("ssh -F {} {host}", word.as_str()))
}

/// Whether the private key in this text has a passphrase.
pub(super) fn is_encrypted(text: &str) -> bool {
    text.contains("ENCRYPTED") || ssh_key::PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted())
}

/// Returns the line of a client's message that explains the failure, else the last line.
pub(super) fn last_words(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().find(|line| line.contains(" line ") || line.contains("ermission"));
    let words = first.or_else(|| lines.next_back()).unwrap_or("it said nothing");
    words.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Returns the keywords of the entry that the client does not follow.
pub(super) fn find_unheeded(endpoint: &super::Endpoint, settings: &[String]) -> Vec<String> {
    let expected = entry::way_keywords(endpoint).unwrap_or_default();
    let told = ["HostName", "Port", "User", "HostKeyAlias"];
    let missing = expected.iter().filter(|(keyword, value)| {
        let line = format!("{} {value}", keyword.to_ascii_lowercase());
        told.contains(keyword) && !settings.contains(&line)
    });
    missing.map(|(keyword, _)| (*keyword).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn the_line_that_says_why() {
        let said = |stderr: &str| {
            let status = std::process::ExitStatus::from_raw(255 << 8);
            last_words(&Output { status, stdout: Vec::new(), stderr: stderr.into() })
        };
        let config = "/home/ada/.ssh/config: line 3: Bad configuration option: bogus\n";
        assert_eq!(
            said(&format!("{config}/home/ada/.ssh/config: terminating, 1 bad configuration options\n")),
            config.trim()
        );
        assert_eq!(
            said("ssh: connect to host 127.0.0.1 port 2222: Connection refused\r\n"),
            "ssh: connect to host 127.0.0.1 port 2222: Connection refused"
        );
        assert_eq!(said(""), "it said nothing");
    }

    #[test]
    fn settings_that_another_entry_took() {
        let settings = ["hostname 127.0.0.1", "port 22", "user ada", "hostkeyalias lab-1a2b3c4d"].map(str::to_owned);
        assert_eq!(find_unheeded(&entry::sample(), &settings), ["Port"]);
    }
}
