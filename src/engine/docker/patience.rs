//! Time limits for an engine that sends nothing.
//!
//! The user of an engine that hangs must get an error, not an endless wait.

use std::time::Duration;

/// The bounds, by what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For what the engine only looks up.
    pub usual: Duration,
    /// For what it does: make, start, stop and remove. A loaded engine takes a minute to start a container.
    pub work: Duration,
    /// For unpacking an image, which it does without a word.
    pub load: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { usual: Duration::from_mins(1), work: Duration::from_mins(5), load: Duration::from_hours(1) }
    }
}
