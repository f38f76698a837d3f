//! The ways to reach a container: SSH, published ports, or the host's network.
//!
//! Other rooms ask these functions, so that the rules for SSH and networks are in one place.

use super::Manifest;

impl Manifest {
    /// Whether an SSH server runs. A container without a network needs none.
    #[must_use]
    pub fn serves_ssh(&self) -> bool {
        self.ssh.enabled && self.network_mode() != Some("none")
    }

    /// Whether the container shares the host's network.
    #[must_use]
    pub fn uses_host_network(&self) -> bool {
        self.network_mode() == Some("host")
    }

    /// Whether the container has its own network, on which ports can be published.
    #[must_use]
    pub fn publishes_ports(&self) -> bool {
        !matches!(self.network_mode(), Some("host" | "none"))
    }

    fn network_mode(&self) -> Option<&str> {
        self.run.network.as_ref().map(|network| network.value.as_str())
    }
}
