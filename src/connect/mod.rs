//! The access to an environment: keys, the entry in the user's SSH configuration, and the wait for sshd.
//!
//! The container runs OpenSSH with keys only. Its host key belongs to the environment and survives rebuilds, so a
//! client never sees a changed key and its check stays on. The user's `~/.ssh/config` gets one `Include` line and
//! stays otherwise unchanged. This room does not talk to the engine: it hands over the server's files as a tar
//! archive.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::{Exit, Report, Snippet};

pub mod agent;
pub mod alias;
pub mod authorized;
pub mod client;
pub mod configuration;
pub mod directory;
pub mod entry;
pub mod fragment;
pub mod include;
pub mod install;
pub mod jump;
pub mod keys;
pub mod openssh;
pub mod prove;
pub mod ready;
pub mod volume;

/// The address and user of an environment's SSH server. The card shows it and the state stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The environment's ID: the name of the host key, and an alias that always exists.
    pub id: String,
    /// The short alias, if the user's own configuration and other projects do not use it.
    pub alias: Option<String>,
    /// The address that clients on this host use.
    pub address: IpAddr,
    /// The port on the host.
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The path of the Python that editors should use.
    pub interpreter: String,
    /// The project's directory on this host.
    pub project: PathBuf,
    /// The project's directory in the container; `None` if it is not mounted.
    pub workspace: Option<String>,
    /// `SHA256:…` of the host key, for the check at a first connection from another computer.
    pub fingerprint: String,
    /// The `known_hosts` file with the host key under the ID.
    pub known_hosts: PathBuf,
    /// Private keys to offer that the client would not find alone.
    pub identities: Vec<PathBuf>,
    /// The command that enters it from this host and passed a test: `ssh lab`.
    #[serde(default)]
    pub command: String,
}

impl Endpoint {
    /// Returns the shortest alias that works.
    #[must_use]
    pub fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.id)
    }
}

/// Returns the address where this host reaches a server that listens on `listen`.
#[must_use]
pub fn reachable(listen: IpAddr) -> IpAddr {
    match listen {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// The reasons why a user cannot enter an environment.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A key file cannot be used.
    #[error("can't use the key file `{}`: {reason}", path.display())]
    KeyFile {
        path: PathBuf,
        /// The message of the system or the parser.
        reason: String,
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// The files that the manifest names contain no key.
    #[error("there is no public key, so nobody could log in")]
    NoKeys {
        /// The place in the manifest.
        at: Vec<Snippet>,
    },
    /// A path cannot be written in an SSH configuration.
    #[error("`{value}` can't be written in an SSH configuration")]
    Unquotable { value: String },
    /// The SSH server did not answer.
    #[error("the SSH server at {address}:{port} did not answer within {seconds} s: {reason}")]
    NotReady {
        address: IpAddr,
        port: u16,
        /// The waiting time in seconds.
        seconds: u64,
        /// The failure of the last attempt.
        reason: String,
        /// The last lines of the container's log.
        log: Vec<String>,
    },
    /// This machine has no `ssh`.
    #[error("there is no `ssh` on this machine")]
    NoClient,
    /// `ssh` exists but cannot be run.
    #[error("can't run `ssh`: {reason}")]
    ClientNotRun {
        /// The system's message.
        reason: String,
    },
    /// The manifest turns SSH off.
    #[error("this environment has no SSH server")]
    Disabled,
    /// No endpoint is stored.
    #[error("this host has no record of the environment's SSH address")]
    Unknown,
}

impl Report for ConnectError {
    fn kind(&self) -> &'static str {
        match self {
            Self::KeyFile { .. } => "key-file",
            Self::NoKeys { .. } => "no-keys",
            Self::Unquotable { .. } => "unquotable",
            Self::NotReady { .. } => "ssh-not-ready",
            Self::NoClient => "no-ssh-client",
            Self::ClientNotRun { .. } => "ssh-not-run",
            Self::Disabled => "ssh-disabled",
            Self::Unknown => "unknown-endpoint",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::KeyFile { .. } | Self::NoKeys { .. } | Self::Disabled => Exit::Usage,
            Self::NoClient | Self::ClientNotRun { .. } => Exit::Unusable,
            Self::Unquotable { .. } | Self::NotReady { .. } | Self::Unknown => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::KeyFile { path, at, .. } if at.is_empty() => {
                vec![format!("move `{}` away; `envctl up` then makes another one", path.display())]
            }
            Self::KeyFile { .. } | Self::ClientNotRun { .. } => Vec::new(),
            Self::Unknown => vec!["`envctl up` records it".to_owned()],
            Self::NoKeys { .. } => vec!["`ssh-keygen -t ed25519` makes a key pair".to_owned()],
            Self::Unquotable { .. } => vec!["`envctl ssh` works without an entry in the configuration".to_owned()],
            Self::NotReady { .. } => vec!["`envctl logs` shows the container's output".to_owned()],
            Self::NoClient => vec!["install the OpenSSH client (`openssh-client` on Debian and Ubuntu)".to_owned()],
            Self::Disabled => {
                vec!["remove `enabled = false` from `[ssh]`, or use `envctl exec`".to_owned()]
            }
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::KeyFile { at, .. } | Self::NoKeys { at } => at.clone(),
            _ => Vec::new(),
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::NotReady { log, .. } => log.clone(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_reached_by_loopback() {
        let reached = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0"), "127.0.0.1");
        assert_eq!(reached("::"), "::1");
        assert_eq!(reached("192.0.2.7"), "192.0.2.7");
    }
}
