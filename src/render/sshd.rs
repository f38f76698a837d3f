//! Renders `sshd_config` and the variables of every SSH session.
//!
//! Only keys can log in. Every value goes through the quoting of `sshd_config`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use super::carried;
use super::template::Template;
use super::words::{SshdWord, Unquotable};

/// The variables of sessions, by name. sshd passes none of the container's own variables to a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionEnv(BTreeMap<String, String>);

/// Variables that sshd or the shell sets for each session.
const NOT_A_SESSIONS: [&str; 9] = ["HOME", "USER", "LOGNAME", "SHELL", "TERM", "HOSTNAME", "PWD", "SHLVL", "MAIL"];

impl SessionEnv {
    /// Reads `NAME=value` lines. The last line of a name counts, so the image's lines come first, then the container's.
    pub fn new<'a>(variables: impl IntoIterator<Item = &'a str>) -> Self {
        let pair = |line: &'a str| carried::given_back(line).or_else(|| line.split_once('='));
        let pairs = variables.into_iter().filter_map(pair);
        let wanted = pairs.filter(|(name, _)| !NOT_A_SESSIONS.contains(name) && !name.starts_with("ENVCTL"));
        Self(wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The variables, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The address and port of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshdSocket {
    /// Port 22 of the container's own network. The engine publishes it on the port of the manifest.
    Container,
    /// A port of the host, because the container shares the host's network, where port 22 belongs to the host.
    Host {
        /// The only address on which it listens.
        address: IpAddr,
        /// The port assigned to the environment.
        port: u16,
    },
}

#[derive(Serialize)]
struct SshdValues {
    port: u16,
    listen: Option<IpAddr>,
    root: bool,
    user: SshdWord,
    environment: Vec<SshdWord>,
}

/// The server's configuration for one user. It is deterministic. The paths of the host key and the authorised keys are
/// fixed, because they are in the same volume as this file.
///
/// # Errors
///
/// A variable's value has a line break (a value of the image can).
pub fn sshd_config(user: &str, session: &SessionEnv, socket: SshdSocket) -> Result<String, Unquotable> {
    let environment = session.iter().map(|(name, value)| SshdWord::new(&format!("{name}={value}")));
    let (port, listen) = match socket {
        SshdSocket::Container => (22, None),
        SshdSocket::Host { address, port } => (port, Some(address)),
    };
    let values = SshdValues {
        port,
        listen,
        root: user == "root",
        user: SshdWord::new(user)?,
        environment: environment.collect::<Result<_, _>>()?,
    };
    Ok(Template::SshdConfig.fill(&values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_holds_every_variable() {
        let session = SessionEnv::new([
            "PATH=/usr/bin",
            "PATH=/opt/envctl/venv/bin:/usr/bin",
            "ENVCTL_UID=1000",
            "ENVCTL_SESSION=PYTHONPATH",
            "PYTHONPATH=/opt/old",
            "PYTHONPATH",
            "ENVCTL_SESSION_PYTHONPATH=/opt/new",
            "HOME=/root",
            r#"GREETING=say "hi" to C:\me"#,
            "EMPTY=",
        ]);
        insta::assert_snapshot!(sshd_config("ada", &session, SshdSocket::Container).unwrap());
    }

    #[test]
    fn root_enters_by_key_only() {
        let config = sshd_config("root", &SessionEnv::default(), SshdSocket::Container).unwrap();
        assert!(config.contains("\nPermitRootLogin prohibit-password\n"));
        assert!(!config.contains("SetEnv"));
        let user = sshd_config("ada", &SessionEnv::default(), SshdSocket::Container).unwrap();
        assert!(!user.contains("prohibit-password"));
    }

    #[test]
    fn the_hosts_own_port_22_is_never_taken() {
        let socket = SshdSocket::Host { address: "127.0.0.1".parse().unwrap(), port: 23456 };
        let config = sshd_config("ada", &SessionEnv::default(), socket).unwrap();
        assert!(
            config.contains("\nPort 23456\nListenAddress 127.0.0.1\n") && !config.contains("Port 22\n"),
            "{config}"
        );
    }

    #[test]
    fn a_value_of_two_lines_is_refused() {
        let session = SessionEnv::new(["A=b\nPermitRootLogin yes"]);
        assert!(sshd_config("ada", &session, SshdSocket::Container).is_err());
    }
}
