//! Describes the commands that are about to run, or would run.
//!
//! Each command is printed as the user would type it, below its reason.

use crate::setup::SetupStep;

use super::{Paint, words};

/// Describes commands as a user would type them, each below its reason.
#[must_use]
pub fn steps(steps: &[SetupStep], paint: Paint) -> String {
    let lines = steps
        .iter()
        .flat_map(|step| [paint.dim(&format!("# {}", words::step_reason(&step.why))), step.to_string(), String::new()]);
    lines.collect::<Vec<_>>().join("\n")
}
