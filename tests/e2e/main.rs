//! End to end, against a real engine. Behind the feature `e2e`: `scripts/test` sets an engine up and runs them. Without an
//! engine they fail; nothing here skips.

mod bootstrap;
mod build;
mod connect;
#[path = "../contract/mod.rs"]
mod contract;
mod engine;
mod exec;
mod gpu;
mod gpu_host;
mod harness;
mod image;
mod lifecycle;
mod lint;
mod lock;
mod sandbox;
mod setup;
