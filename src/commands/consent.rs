//! Asks the user for consent before a command acts.
//!
//! Without a terminal nobody is asked: no grant is given, and running work is ended only with `--force`.

use crate::error::Result;
use crate::grants::Grant;
use crate::project::EnvironmentId;
use crate::reconcile::ReconcileError;
use crate::reconcile::occupants::Occupant;
use crate::reconcile::work::Ask;
use crate::settings::Consent;
use crate::ui::{self, status};

use super::context::Context;

/// The user at the terminal, if one exists.
pub struct Terminal<'a> {
    pub context: &'a Context,
    pub consent: Consent,
}

impl Ask for Terminal<'_> {
    /// Shows all grants together. Without a terminal nobody agrees: `--yes` is not consent to a stranger's manifest.
    fn grant(&self, grants: &[Grant]) -> bool {
        let printer = &self.context.printer;
        if !printer.can_ask() {
            return false;
        }
        printer.confirm(&status::grants(grants, printer.message_width()), ui::AGREE_QUESTION)
    }

    /// Continues if nobody is inside, with `--force`, or if the user agrees after seeing the occupants. `--yes` does
    /// not end anybody's work.
    fn end(&self, inside: Vec<Occupant>) -> Result<()> {
        if inside.is_empty() || self.consent.force {
            return Ok(());
        }
        let printer = &self.context.printer;
        if printer.can_ask() && printer.confirm(&status::processes(&inside), ui::END_QUESTION) {
            return Ok(());
        }
        Err(ReconcileError::Occupied { processes: inside }.into())
    }

    /// The command line already asks for the removal. A user at a terminal is asked again, because a home directory
    /// cannot be restored.
    fn lose_home(&self, id: &EnvironmentId) -> Result<()> {
        let Terminal { context: Context { printer, .. }, consent } = self;
        if consent.yes || consent.force || !printer.can_ask() {
            return Ok(());
        }
        if printer.confirm("", &ui::lose_home_question(id)) { Ok(()) } else { Err(ReconcileError::Declined.into()) }
    }
}
