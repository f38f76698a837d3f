//! Commands that are about to run, or would.

use crate::setup::Step;

use super::Paint;

/// Each command as one would type it, under the reason for it.
#[must_use]
pub fn steps(steps: &[Step], paint: Paint) -> String {
    steps.iter().map(|step| format!("{}\n{step}\n", paint.dim(&format!("# {}", step.why)))).collect()
}
