//! The seam to where an environment runs, in words of its own. Verbs know a [`Place`] and nothing below it.
//!
//! Running and building are two roles: [`Place`] runs environments, [`ImageBuilder`] makes their images, and a place that
//! only runs them implements the first alone. Each method is one thing that a verb wants, whole: what has to be locked
//! against a second envctl, looked at first or asked of a person is the place's matter. [`LocalPlace`] is the container
//! engine that this machine speaks to; `fake` is a place in memory for tests of verbs.

#[cfg(test)]
mod contract;
#[cfg(test)]
pub mod fake;
mod local;
mod log;
mod role;
mod seen;
mod session;

use crate::error::Result;
use crate::event::Sink;
use crate::system::System;

pub use self::local::{LocalPlace, diagnose_unopened};
pub use self::log::{LogRequest, LogStreams};
pub use self::role::{ImageBuilder, Place, Removal};
pub use self::seen::{EnvironmentSeen, OpenPort, RunState};
pub use self::session::{Session, SessionEnd, SessionRequest, SessionStreams};

/// The place that the flag, the environment or the docker context names. Progress and warnings go to `sink`.
///
/// # Errors
/// Where its address can't be used, or nothing listens there. Nothing is sent yet.
pub fn open<'a>(
    system: &'a System,
    flag: Option<&str>,
    sink: &'a dyn Sink,
) -> Result<impl Place + ImageBuilder + use<'a>> {
    LocalPlace::open(system, flag, sink)
}
