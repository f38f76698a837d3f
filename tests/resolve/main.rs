//! The resolver against a small matrix of its own: boundaries, wording, a brute-force twin, and laws that hold for any
//! request. The benchmark's questions are asked of the real matrix, and of one ten times as large.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod ask;
mod boundary;
mod golden;
mod growth;
mod properties;
#[path = "../../benches/resolve/questions.rs"]
mod questions;
#[path = "../../benches/resolve/scale.rs"]
mod scale;
mod twin;
