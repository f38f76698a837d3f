//! Attacks: in each case a project, an image or another user tries to reach something without agreement.
//!
//! The feature `e2e` enables them, because they need a real engine; `scripts/test` sets one up and runs them.
//! `docs/security.md` names the test behind each of its promises.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]
#![expect(clippy::disallowed_methods, reason = "tests act as a person at a shell does")]
#![allow(dead_code, reason = "the sandbox is shared with the end-to-end tests, which use more of it")]

mod build;
mod container;
mod disorder;
mod engine;
mod files;
#[path = "../e2e/fixture.rs"]
mod fixture;
mod grants;
mod input;
mod keys;
mod lock;
mod neighbours;
mod network;
#[path = "../e2e/sandbox.rs"]
mod sandbox;
mod signals;
mod ssh;
