//! SSH keys, host keys, the ssh_config fragment, readiness, the card.
