//! Brings the container to the state that the manifest asks for.
//!
//! `up` is one straight way: [`prepare`] finds out what the host and the lock say, [`observe`] what there is, [`settle`]
//! makes the choices that are open (ports, keys, the way to a GPU), [`desired`] says what container the manifest asks for
//! then, [`plan`] names the least steps that lead to it, each with its reason, and [`apply`] carries them out. Desired and
//! plan are pure; only `settle` changes what is remembered of choices; `plan` the verb ([`preview`]) goes the same way and
//! changes nothing. Each step may be cut short at any moment: the next `up` observes what is there and goes on from it.
//!
//! Nothing that runs is ended unasked, and nothing is granted that the person did not agree to.

pub mod apply;
pub mod base;
pub mod build;
pub mod checks;
pub mod consent;
pub mod desired;
mod device_problem;
mod devices;
mod entrance;
pub mod env_file;
pub mod error;
pub mod finish;
pub mod gpu;
pub mod held;
pub mod identity;
pub mod image;
mod last_words;
pub mod lifecycle;
mod listeners;
pub mod locking;
pub mod mount_error;
pub mod mounts;
mod observe;
pub mod occupants;
pub mod plan;
pub mod ports;
mod prepare;
pub mod preview;
mod proposal;
mod quick;
mod reads;
mod recover;
mod settle;
mod ssh_server;
mod submounts;
pub mod up;
pub mod view;
pub mod work;

pub use device_problem::DeviceProblem;
pub use error::ReconcileError;
