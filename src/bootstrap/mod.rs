//! Makes base images from the distribution's own packages, for machines that can reach no registry.
//!
//! [`ensure`] returns an image that the engine has. A second call finds it with one question to the engine. The name of
//! an image holds the hash of its content, so the same packages give the same name on every machine, and no registry
//! serves an image of that name. envctl never renews an image without a request: packages change every day, an
//! environment must not.

pub mod archive;
mod base;
mod cache;
mod error;
mod mmdebstrap;
pub mod uv;

pub use base::{BaseRequest, BootstrappedBase, ensure_base, find_remembered};
pub use error::BootstrapError;
