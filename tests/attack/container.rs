//! Code in the container: what it reaches of the host through mounts, and of root through what root runs.
