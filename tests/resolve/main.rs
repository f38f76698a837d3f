//! The resolver against a small matrix of its own: boundaries, wording, a brute-force twin, and laws that hold for any
//! request.

mod ask;
mod boundary;
mod golden;
mod properties;
mod twin;
