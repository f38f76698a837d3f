//! The resolver against a small matrix of its own: boundaries, wording, a brute-force twin, and laws that hold for any
//! request.

#![expect(clippy::unwrap_used, reason = "what fails to unwrap fails the test")]

mod ask;
mod boundary;
mod golden;
mod properties;
mod twin;
