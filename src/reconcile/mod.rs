//! From what there is to what there is to be.
//!
//! [`desired`] says what container a manifest asks for, [`plan`] compares it with what the engine shows and names the
//! least steps, each with its reason, and [`apply`] carries them out. The first two are pure. Each step may be cut short
//! at any moment: the next `up` observes what is there and goes on from it.
//!
//! Nothing that runs is ended unasked, and nothing is granted that the person did not agree to.

pub mod apply;
pub mod desired;
pub mod env_file;
pub mod error;
pub mod grants;
pub mod identity;
pub mod inputs;
pub mod occupants;
pub mod plan;
pub mod ports;
pub mod view;

pub use error::ReconcileError;
