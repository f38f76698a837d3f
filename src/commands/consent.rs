//! Asks the user for consent before a command acts.
//!
//! Without a terminal nobody is asked: no grant is given, and no running work is ended.

use crate::error::Result;
use crate::grants::Grant;
use crate::project::EnvironmentId;
use crate::reconcile::ReconcileError;
use crate::reconcile::occupants::Occupant;
use crate::reconcile::work::Ask;
use crate::settings::Consent;
use crate::ui::status;

use super::context::Context;

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
        printer.message(&status::grants(grants, printer.message_width()));
        printer.confirm("Agree to that, for this environment?")
    }

    /// Goes on where nobody is inside, with `--force`, or when a person at the terminal says so after seeing who is.
    /// `--yes` does not end anyone's work.
    fn end(&self, inside: Vec<Occupant>) -> Result<()> {
        if inside.is_empty() || self.consent.force {
            return Ok(());
        }
        let printer = &self.context.printer;
        if printer.can_ask() {
            printer.message(&status::processes(&inside));
            if printer.confirm("This would end. Go on?") {
                return Ok(());
            }
        }
        Err(ReconcileError::Occupied { processes: inside }.into())
    }

    /// The command line says it; a person at the terminal is still asked, because nothing brings a home directory back.
    fn lose_home(&self, id: &EnvironmentId) -> Result<()> {
        let Terminal { context: Context { printer, .. }, consent } = self;
        if consent.yes || consent.force || !printer.can_ask() {
            return Ok(());
        }
        let question = format!("The home directory of {id} will be gone for good. Go on?");
        if printer.confirm(&question) { Ok(()) } else { Err(ReconcileError::Declined.into()) }
    }
}
