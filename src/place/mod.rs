//! The interface to the place where an environment runs, in values of our own. Verbs know a [`Place`] and nothing below
//! it.
//!
//! Running and building are two roles: [`Place`] runs environments and [`ImageBuilder`] builds their images. A place
//! that builds nothing implements only the first. Each method is one complete operation of a verb. The place itself
//! locks against a second envctl, collects the facts that it needs and asks the user. [`LocalPlace`] is this
//! machine's container engine; `fake` is a place in memory for tests of verbs.

#[cfg(test)]
mod contract;
#[cfg(test)]
pub mod fake;
mod local;
mod log;
mod role;
mod seen;
mod session;

use crate::engine::EngineError;
use crate::error::{Error, Result};
use crate::event::Sink;
use crate::system::System;

pub use self::local::{LocalPlace, diagnose_unopened};
pub use self::log::{LogRequest, LogStreams};
pub use self::role::{ImageBuilder, Place, Removal, SourceRunnerOrder};
pub use self::seen::{EnvironmentSeen, OpenPort, RunState};
pub use self::session::{Session, SessionEnd, SessionRequest, SessionStreams};

/// Opens the place that the flag, the environment or the docker context names. Progress and warnings go to `sink`.
///
/// # Errors
/// The address cannot be used, or nothing listens there. No request is sent yet.
pub fn open<'a>(
    system: &'a System,
    flag: Option<&str>,
    sink: &'a dyn Sink,
) -> Result<impl Place + ImageBuilder + use<'a>> {
    LocalPlace::open(system, flag, sink)
}

/// Whether an image could not be fetched because no registry answers.
#[must_use]
pub fn is_registry_unreachable(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(EngineError::RegistryUnreachable { .. }))
}
