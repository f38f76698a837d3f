//! Files that users write, read by the library: wrong manifests and their messages, findings of the fuzzers, the
//! examples.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod corpus;
mod examples;
mod foreign;
mod manifest;
