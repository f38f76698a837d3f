//! `envctl setup`: installs and starts the software that this machine needs.
//!
//! It shows every command before it runs it.

use std::path::Path;

use serde_json::json;

use crate::error::{Exit, Result};
use crate::event::{Notice, Sink};
use crate::setup::{self, EngineState, SetupError, SetupStep};
use crate::{settings, ui};

use super::context::{Context, Outcome};

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Setup) -> Outcome {
    let consent = match settings {
        settings::Setup { dry_run: true, .. } => CommandConsent::ShowOnly,
        settings::Setup { yes: true, .. } => CommandConsent::Given,
        settings::Setup { .. } => CommandConsent::Ask,
    };
    let steps = set_up(context, consent)?;
    if context.printer.json() {
        let (ran, steps) = (consent != CommandConsent::ShowOnly, ui::documents::setup_steps(&steps));
        context.printer.document(&json!({"schema": 1, "ok": true, "setup": {"ran": ran, "steps": steps}}));
    }
    if steps.is_empty() {
        context.printer.result(ui::NOTHING_TO_SET_UP);
    } else if consent == CommandConsent::ShowOnly {
        context.printer.result(&ui::steps(&steps, context.printer.paint()));
    }
    Ok(Exit::Done.into())
}

/// Whether the commands may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandConsent {
    /// They are only shown.
    ShowOnly,
    /// They may run.
    Given,
    /// The user is asked.
    Ask,
}

/// Installs the missing parts and returns the commands; empty if nothing is missing.
pub(super) fn set_up(context: &Context, consent: CommandConsent) -> Result<Vec<SetupStep>> {
    let endpoint = setup::address(&context.system, context.global.engine.as_deref())?;
    let observe = || setup::observe(&context.system, Path::new("/"), &endpoint);
    let observed = observe();
    let steps = setup::plan(&observed)?;
    if steps.is_empty() || consent == CommandConsent::ShowOnly {
        note_login(context, observed.engine);
        return Ok(steps);
    }
    if consent == CommandConsent::Ask && !confirm_steps(context, &steps) {
        return Err(SetupError::NotConfirmed { steps }.into());
    }
    context.block_on(async { Ok(setup::apply(&steps, &endpoint, context).await?) })?;
    note_login(context, setup::ping(&endpoint));
    Ok(steps)
}

fn confirm_steps(context: &Context, steps: &[SetupStep]) -> bool {
    if !context.printer.can_ask() {
        return false;
    }
    context.printer.confirm(&ui::steps(steps, context.printer.paint_messages()), "Run these commands?")
}

/// Reports that a new group membership takes effect at the next login.
fn note_login(context: &Context, engine: EngineState) {
    if engine == EngineState::Denied {
        context.emit(Notice::LoginTooOld.into());
    }
}
