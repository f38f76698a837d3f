//! End to end, against a real engine. Behind the feature `e2e`: `scripts/test` sets an engine up and runs them. Without an
//! engine they fail; nothing here skips.

mod bootstrap;
mod build;
#[path = "../contract/mod.rs"]
mod contract;
mod engine;
mod harness;
mod setup;
