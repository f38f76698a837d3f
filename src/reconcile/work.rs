//! The context that every step of this room works with, and the questions to the user.
//!
//! The questions are a trait, so that tests and scripts can answer them.

use super::occupants::Occupant;
use crate::error::Error;
use crate::event::Sink;
use crate::grants::{Allowance, Grant};
use crate::lock::LockUse;
use crate::project::{Environment, EnvironmentId};
use crate::system::System;

/// Questions that only the user can answer.
pub trait Ask {
    /// Whether the user agrees to these grants.
    fn grant(&self, grants: &[Grant]) -> bool;

    /// Succeeds if the processes inside may be ended.
    fn end(&self, inside: Vec<Occupant>) -> Result<(), Error>;

    /// Succeeds if the environment's home directory may be removed.
    fn lose_home(&self, id: &EnvironmentId) -> Result<(), Error>;
}

/// The options of a command that builds an image.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    pub lock: LockUse,
    /// Whether CUDA is left out.
    pub cpu: bool,
    /// Whether base images are made here from a distribution's own packages.
    pub bootstrap: bool,
    /// Whether the registry is asked for the base image again.
    pub pull: bool,
    /// Whether the build cache is ignored.
    pub no_cache: bool,
    /// The grants on the command line.
    pub allow: Vec<Allowance>,
}

/// The engine, the project and the options of one command. It never changes.
pub struct Work<'a, E> {
    pub engine: &'a E,
    pub system: &'a System,
    pub environment: &'a Environment,
    pub options: &'a BuildOptions,
    pub sink: &'a dyn Sink,
}

/// Whether a command may change anything, or only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// No lock, image, key or container is created or changed.
    None,
    /// Missing parts are created.
    Allowed,
}
