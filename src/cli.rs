//! The command line, as clap types only; help text is their doc comments.
