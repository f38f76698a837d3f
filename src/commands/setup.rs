//! `setup`

use crate::settings;

use super::{Context, NotYet, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Setup) -> Outcome {
    let _ = (context, settings);
    Err(NotYet.into())
}
