//! `host`

use crate::settings;

use super::{Context, NotYet, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Host) -> Outcome {
    let _ = (context, settings);
    Err(NotYet.into())
}
