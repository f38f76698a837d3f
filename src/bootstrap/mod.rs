//! Base images made from the distribution's own packages, where no registry can be reached.
//!
//! [`ensure`] answers with an image the engine has. Made once, it is found again at the cost of one question to the engine;
//! its name holds the hash of its content, so the same packages give the same name on every machine, and it never stands
//! under a name that a registry serves. It is not renewed by itself: packages move every day, and an environment should not.

pub mod archive;
mod base;
mod cache;
mod error;
mod mmdebstrap;
pub mod uv;

pub use base::{BaseRequest, BootstrappedBase, ensure, remembered};
pub use error::BootstrapError;
