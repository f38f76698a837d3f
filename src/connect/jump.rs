//! The address of this host for other computers, which use it as the jump host to the container.
//!
//! The card shows it to the user; nothing here opens a connection.

use serde::Serialize;

use crate::system::System;

/// The address of this host for other computers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jump {
    /// The caller's account on this host.
    pub user: String,
    /// The host name or address.
    pub host: String,
    /// The port of this host's SSH server, if it is not the usual one.
    pub port: Option<u16>,
}

impl Jump {
    /// Returns the address that this SSH session used; without SSH, this host's name.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let came = system.variable("SSH_CONNECTION").and_then(parse_server);
        let name = || (rustix::system::uname().nodename().to_string_lossy().into_owned(), None);
        let (host, port) = came.unwrap_or_else(name);
        Self { user: system.user.clone(), host, port }
    }

    /// Returns the address in the form of `ProxyJump`.
    #[must_use]
    pub fn destination(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}@{host}{port}", self.user)
    }
}

/// Parses `CLIENT PORT SERVER PORT`, as sshd sets it.
fn parse_server(connection: &str) -> Option<(String, Option<u16>)> {
    let mut words = connection.split_whitespace().skip(2);
    let host = words.next()?.to_owned();
    let port = words.next()?.parse().ok()?;
    Some((host, (port != 22).then_some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump_command(connection: &str) -> String {
        let mut system = System::for_tests();
        system.user = "ada".to_owned();
        system.variables.insert("SSH_CONNECTION".to_owned(), connection.to_owned());
        Jump::of(&system).destination()
    }

    #[test]
    fn the_way_the_session_came() {
        assert_eq!(jump_command("198.51.100.4 51000 192.0.2.7 22"), "ada@192.0.2.7");
        assert_eq!(jump_command("198.51.100.4 51000 192.0.2.7 2200"), "ada@192.0.2.7:2200");
        assert_eq!(jump_command("fe80::1 51000 2001:db8::7 2200"), "ada@[2001:db8::7]:2200");
    }
}
