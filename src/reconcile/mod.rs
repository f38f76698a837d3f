//! From what there is to what there is to be.
//!
//! [`desired`] says what container a manifest asks for, [`plan`] compares it with what the engine shows and names the
//! least steps, each with its reason, and [`apply`] carries them out. The first two are pure. Each step may be cut short
//! at any moment: the next `up` observes what is there and goes on from it.
//!
//! Nothing that runs is ended unasked, and nothing is granted that the person did not agree to.

pub mod apply;
pub mod base;
pub mod checks;
pub mod consent;
pub mod desired;
mod entrance;
pub mod env_file;
pub mod error;
pub mod gpu;
pub mod held;
pub mod identity;
pub mod image;
pub mod lifecycle;
pub mod mount_error;
pub mod mounts;
pub mod occupants;
pub mod plan;
pub mod ports;
pub mod prepare;
mod reads;
pub mod recover;
mod submounts;
pub mod survey;
pub mod up;
pub mod view;
mod words;

pub use error::ReconcileError;
