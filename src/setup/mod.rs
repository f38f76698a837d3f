//! Installs and starts a container engine: a plan of commands, each shown before it runs.
