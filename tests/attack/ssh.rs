//! Keys, agents, aliases and configurations of a person's own, and what sshd offers.
