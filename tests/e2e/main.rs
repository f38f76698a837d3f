//! End-to-end tests with a real engine. The feature `e2e` enables them; `scripts/test` sets an engine up and runs them.
//! Without an engine they fail; no test is skipped.

#![expect(clippy::large_futures, reason = "a test polls one, on a stack of its own")]
#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]
#![expect(clippy::disallowed_methods, reason = "tests act as a person at a shell does")]

mod bootstrap;
mod build;
mod connect;
#[path = "../contract/mod.rs"]
mod contract;
mod engine;
mod exec;
mod fixture;
mod frameworks;
mod gpu;
mod gpu_host;
mod gpu_up;
mod harness;
mod image;
mod lifecycle;
mod lint;
mod lock;
mod proof;
mod sandbox;
mod setup;
mod sshd;
mod vendor;
