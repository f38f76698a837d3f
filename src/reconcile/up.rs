//! `up`: brings a manifest to a container that the user can enter.
//!
//! It tries the fast path first. Otherwise each step is a function of the results of the steps before it: prepare,
//! observe, settle, desired and plan (a [`Proposal`]), apply, finish. A part that differs is replaced; all other
//! parts stay as they are.

use std::time::Duration;

use super::apply::{Materials, apply};
use super::finish::{UpOutcome, finish};
use super::observe::observe;
use super::plan::{Action, Observed, Plan, PlanOptions};
use super::prepare::{Prepared, prepare};
use super::proposal::Proposal;
use super::settle::{foresee, settle};
use super::work::{Ask, Effects, Work};
use super::{consent, held, image, lifecycle, ports, quick, recover};
use crate::engine::{ContainerId, Engine, EngineError};
use crate::error::Error;
use crate::event::Notice;
use crate::grants::Phase;
use crate::project::State;

/// How often a port or a limit that is refused at the last moment is replaced by another before that is an error.
const TRIES: u32 = 4;

/// How long an engine may take to finish what a killed client had asked for, more each time.
const SETTLE: Duration = Duration::from_millis(150);

/// Brings the environment up. The caller holds it.
pub async fn up(work: &Work<'_, impl Engine>, wanted: PlanOptions, ask: &dyn Ask) -> Result<UpOutcome, Error> {
    let mut state = work.environment.state()?;
    if wanted == PlanOptions::default()
        && let Some(unchanged) = quick::confirm(work, &mut state).await?
    {
        consent::check_allowed(work, &state).await?;
        let quick::Unchanged { endpoint, installed } = unchanged;
        return Ok(UpOutcome { plan: Plan::default(), endpoint, installed, gpus: Vec::new() });
    }
    image::sweep(&work.environment.directory);
    recover::container_name(work).await?;
    recover::state(work, &mut state).await?;
    let agreed = consent::agree(work, &mut state, Phase::Run, ask).await?;
    let prepared = prepare(work, &agreed, &state, Effects::Allowed).await?;
    let wanted = build_first(work, &prepared, &state, wanted, ask).await?;
    let (proposal, container) = bring(work, &prepared, &mut state, wanted, ask).await?;
    finish(work, &prepared, proposal, container, &mut state).await
}

/// The image before everything else: while it is built the old container goes on, and the dry start that finds the way to
/// a GPU needs it. Who is inside is asked first: nobody wants to learn after an hour's build that it was for nothing.
async fn build_first(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &State,
    wanted: PlanOptions,
    ask: &dyn Ask,
) -> Result<PlanOptions, Error> {
    let observed = observe(work, &prepared.recipe.build.tag, state).await?;
    let settled = foresee(work, prepared, &observed, state).await?;
    let proposal = Proposal::new(work.environment, prepared, &observed, settled, wanted)?;
    if !proposal.plan.has(Action::Build) {
        return Ok(wanted);
    }
    vacate(work, &proposal.plan, &observed, ask).await?;
    prepared.recipe.build(work).await?;
    Ok(PlanOptions { rebuild: false, ..wanted })
}

/// Observes, settles, plans and applies, and does so again where the engine refuses at the last moment what can be had in
/// another way.
async fn bring(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    mut wanted: PlanOptions,
    ask: &dyn Ask,
) -> Result<(Proposal, Option<ContainerId>), Error> {
    let mut tries = 1;
    loop {
        let observed = observe(work, &prepared.recipe.build.tag, state).await?;
        let settled = settle(work, prepared, &observed, state).await?;
        let proposal = Proposal::new(work.environment, prepared, &observed, settled, wanted)?;
        vacate(work, &proposal.plan, &observed, ask).await?;
        state.save(&work.environment.directory)?;
        match carry_out(work, prepared, &proposal, &observed).await? {
            Ok(container) => return Ok((proposal, container)),
            Err(refusal) if tries < TRIES => {
                let way_out = way_out(work, &proposal, state, refusal)?;
                wanted.reconnect |= way_out == Retry::Reconnect;
                if way_out != Retry::AtOnce {
                    tokio::time::sleep(SETTLE * tries).await;
                }
            }
            Err(refusal) => return Err(refusal.into()),
        }
        tries += 1;
    }
}

/// Carries the plan out. What the engine refuses is a value: another try may go another way.
async fn carry_out(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    proposal: &Proposal,
    observed: &Observed,
) -> Result<Result<Option<ContainerId>, EngineError>, Error> {
    let plan = &proposal.plan;
    if plan.has(Action::Build) {
        prepared.recipe.ready(work).await?;
    }
    if plan.has(Action::Start) {
        held::check(prepared.mounts.binds())?;
    }
    let materials = Materials {
        spec: &proposal.desired.spec,
        build: Some(&prepared.recipe.build),
        ssh_files: proposal.ssh.as_ref().map(|ssh| ssh.tar.as_slice()),
        container: observed.container.as_ref(),
    };
    Ok(apply(work.engine, plan, &materials, work.sink).await)
}

/// How a refused plan is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    /// With another choice, which the state holds now.
    AtOnce,
    /// A moment later.
    Later,
    /// A moment later, with a container that is made for a new network.
    Reconnect,
}

/// Another way than the one that the engine refused.
///
/// # Errors
/// The refusal itself, where there is none.
fn way_out(
    work: &Work<'_, impl Engine>,
    proposal: &Proposal,
    state: &mut State,
    refusal: EngineError,
) -> Result<Retry, Error> {
    match refusal {
        EngineError::UlimitRefused { limit, reason } if proposal.chose_limit(work.environment, &limit) => {
            work.sink.emit(Notice::LimitRefused { limit: limit.clone(), reason }.into());
            state.refused_limits.insert(limit);
            Ok(Retry::AtOnce)
        }
        EngineError::PortTaken { port, .. } if moves(work, proposal, &port) => {
            let old = proposal.settled.ports.ssh.unwrap_or_default();
            let listen = work.environment.manifest.ssh.listen.value;
            let new = ports::choose(listen, &work.environment.id, &[old].into())?;
            work.sink.emit(Notice::PortLost { from: old, to: new }.into());
            state.ssh_port = Some(new);
            Ok(Retry::AtOnce)
        }
        // Removed by hand, or two `up`s made it at the same moment and one of the two is gone again.
        EngineError::NetworkMissing { .. } => Ok(Retry::Reconnect),
        // The engine finishes what a killed `up` had asked it for: what comes of that is swept away next time round,
        // unless it turns out to be somebody else's.
        EngineError::NameTaken { .. } => Ok(Retry::Later),
        other => Err(other.into()),
    }
}

/// Whether the port that the engine could not have is one that envctl chose for SSH.
fn moves(work: &Work<'_, impl Engine>, proposal: &Proposal, taken: &str) -> bool {
    let ssh = proposal.settled.ports.ssh.map(|port| format!(":{port}"));
    work.environment.manifest.ssh.port.is_none() && ssh.is_some_and(|ssh| taken.is_empty() || taken.ends_with(&ssh))
}

/// Goes on where the plan ends nobody's work, or whoever may say so says so.
async fn vacate(work: &Work<'_, impl Engine>, plan: &Plan, observed: &Observed, ask: &dyn Ask) -> Result<(), Error> {
    match observed.container.as_ref().filter(|_| plan.has(Action::Remove)) {
        Some(container) => ask.end(lifecycle::inside(work.engine, container).await?),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "up_tests.rs"]
mod tests;
