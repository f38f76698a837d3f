//! Time limits for an engine that sends nothing.
//!
//! The user of an engine that hangs must get an error, not an endless wait.

use std::time::Duration;

/// The time limits, by kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The limit for requests that only look something up.
    pub usual: Duration,
    /// The limit for create, start, stop and remove. A loaded engine needs a minute to start a container.
    pub work: Duration,
    /// The limit for unpacking an image, during which the engine sends nothing.
    pub load: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { usual: Duration::from_mins(1), work: Duration::from_mins(5), load: Duration::from_hours(1) }
    }
}
