//! What a person is asked before it is done.

use crate::engine::Process;
use crate::error::Result;
use crate::grants::Grant;
use crate::reconcile::ReconcileError;
use crate::reconcile::work::Ask;
use crate::settings::Consent;
use crate::ui::status;

use super::Context;

/// The person at the terminal, if there is one.
pub struct Terminal<'a> {
    pub context: &'a Context,
    pub consent: Consent,
}

impl Ask for Terminal<'_> {
    /// All of them are seen together. Without a terminal nobody agrees: `--yes` is no consent to a stranger's manifest.
    fn grant(&self, grants: &[Grant]) -> bool {
        let printer = &self.context.printer;
        if !printer.can_ask() {
            return false;
        }
        printer.message(&status::grants(grants));
        printer.confirm("Agree to that, for this environment?")
    }

    fn end(&self, inside: Vec<Process>) -> Result<()> {
        to_end(self.context, self.consent, inside)
    }
}

/// Goes on where nobody is inside, with `--force`, or when a person at the terminal says so after seeing who is.
/// `--yes` does not end anyone's work.
pub fn to_end(context: &Context, consent: Consent, inside: Vec<Process>) -> Result<()> {
    if inside.is_empty() || consent.force {
        return Ok(());
    }
    if context.printer.can_ask() {
        context.printer.message(&status::processes(&inside));
        if context.printer.confirm("This would end. Go on?") {
            return Ok(());
        }
    }
    Err(ReconcileError::Occupied { processes: inside }.into())
}
