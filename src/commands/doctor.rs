//! `doctor`

use super::{Context, NotYet, Outcome};

/// Runs the verb.
pub fn run(context: &Context) -> Outcome {
    let _ = context;
    Err(NotYet.into())
}
