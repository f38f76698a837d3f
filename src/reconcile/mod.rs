//! Brings the container to the state that the manifest asks for.
//!
//! `up` is one sequence of steps. [`prepare`] reads the host and the lock, [`observe`] reads the container, and
//! [`settle`] makes the open choices (ports, keys, the way to a GPU). Then [`desired`] computes the container that
//! the manifest asks for. [`plan`] lists the fewest steps to it, each with its reason, and [`apply`] carries them
//! out. Desired and plan are pure. The verb `plan` ([`preview`]) takes the same steps and changes nothing.
//!
//! Six steps write the state: [`consent`] (grants), [`quick`] (a way in that is missing), [`recover`] (what the engine
//! still knows), [`settle`] (choices), a retry in [`up`] (another choice) and [`finish`] (what was made). Each step can
//! be interrupted: the next `up` observes the result and continues from it.
//!
//! No running process is ended without consent, and nothing is granted that the user did not agree to.

pub mod apply;
pub mod base;
pub mod build;
mod build_proof;
pub mod consent;
pub mod desired;
mod device_problem;
mod devices;
mod entrance;
pub mod env_file;
pub mod env_variables;
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
mod named_file;
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
pub mod source_needs;
mod ssh_server;
mod submounts;
pub mod up;
pub mod view;
pub mod work;

pub use device_problem::DeviceProblem;
pub use error::ReconcileError;
