//! The resolver with a small matrix of its own: boundaries, words, a brute-force twin, and laws for any request. The
//! benchmark's questions run with the real matrix and with one ten times as large.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod ask;
mod boundary;
mod golden;
mod growth;
mod lines;
mod properties;
#[path = "../../benches/resolve/questions.rs"]
mod questions;
#[path = "../../benches/resolve/scale.rs"]
mod scale;
mod twin;
