//! What a project's `[network]` may do to the host.
