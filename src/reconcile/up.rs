//! `up`: brings a manifest to a container that the user can enter.
//!
//! It tries the fast path first. Otherwise each step is a function of the results of the steps before it: prepare,
//! observe, settle, desired and plan (a [`Proposal`]), apply, finish. A part that differs is replaced; all other
//! parts stay as they are.

use std::time::Duration;

use super::apply::{Materials, apply};
use super::finish::{UpOutcome, finish_up};
use super::observe::observe;
use super::plan::{Action, Observed, Plan, PlanOptions};
use super::prepare::{Prepared, prepare_up};
use super::proposal::Proposal;
use super::settle::{foresee_choices, settle_choices};
use super::work::{Ask, Effects, Work};
use super::{consent, held, image, lifecycle, ports, quick, recover};
use crate::engine::{ContainerId, Engine, EngineError};
use crate::error::Error;
use crate::event::Notice;
use crate::grants::Phase;
use crate::project::State;

/// The number of attempts with another choice after a refusal at the last moment.
const TRIES: u32 = 8;

/// The first pause for an engine to complete the requests of a killed client; later pauses are longer.
const SETTLE: Duration = Duration::from_millis(150);

/// Brings the environment up. The caller holds it.
pub async fn up(work: &Work<'_, impl Engine>, wanted: PlanOptions, ask: &dyn Ask) -> Result<UpOutcome, Error> {
    let mut state = work.environment.state()?;
    if wanted == PlanOptions::default()
        && let Some(unchanged) = quick::confirm_unchanged(work, &mut state).await?
    {
        consent::check_allowed(work, &state).await?;
        let quick::Unchanged { endpoint, installed } = unchanged;
        return Ok(UpOutcome { plan: Plan::default(), endpoint, installed, gpus: Vec::new(), tried: Vec::new() });
    }
    image::remove_old_images(&work.environment.directory);
    recover::container_name(work).await?;
    recover::recover_state(work, &mut state).await?;
    let agreed = consent::agree(work, &mut state, Phase::Run, ask).await?;
    let prepared = prepare_up(work, &agreed, &state, Effects::Allowed).await?;
    let wanted = build_first(work, &prepared, &state, wanted, ask).await?;
    let (proposal, container) = bring_to_desired(work, &prepared, &mut state, wanted, ask).await?;
    finish_up(work, &prepared, proposal, container, &mut state).await
}

/// Builds the image before all other steps: the old container runs during the build, and the test start that finds
/// the way to a GPU needs the image. The user is asked about occupants first, because a refusal after a build of an
/// hour would waste it.
async fn build_first(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &State,
    wanted: PlanOptions,
    ask: &dyn Ask,
) -> Result<PlanOptions, Error> {
    let observed = observe(work, &prepared.recipe.build.tag, state).await?;
    let settled = foresee_choices(work, prepared, &observed, state).await?;
    let proposal = Proposal::new(work.environment, prepared, &observed, settled, wanted)?;
    if !proposal.plan.has(Action::Build) {
        return Ok(wanted);
    }
    confirm_removal(work, &proposal.plan, &observed, ask).await?;
    prepared.recipe.build(work).await?;
    Ok(PlanOptions { rebuild: false, ..wanted })
}

/// Observes, settles, plans and applies. It repeats this if the engine refuses something at the last moment that has
/// an alternative.
async fn bring_to_desired(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    mut wanted: PlanOptions,
    ask: &dyn Ask,
) -> Result<(Proposal, Option<ContainerId>), Error> {
    let mut tries = 1;
    let mut earlier = Plan::default();
    loop {
        let observed = observe(work, &prepared.recipe.build.tag, state).await?;
        let settled = settle_choices(work, prepared, &observed, state).await?;
        let proposal = Proposal::new(work.environment, prepared, &observed, settled, wanted)?;
        confirm_removal(work, &proposal.plan, &observed, ask).await?;
        state.save(&work.environment.directory)?;
        match carry_out(work, prepared, &proposal, &observed).await {
            Ok(container) => {
                let plan = proposal.plan.after(&earlier);
                return Ok((Proposal { plan, ..proposal }, container));
            }
            Err(error) if tries < TRIES => {
                let way_out = way_out(work, &proposal, state, error.downcast()?)?;
                wanted.reconnect |= way_out == Retry::Reconnect;
                earlier = proposal.plan.after(&earlier);
                if way_out != Retry::AtOnce {
                    tokio::time::sleep(SETTLE * tries).await;
                }
            }
            Err(error) => return Err(error),
        }
        tries += 1;
    }
}

/// Carries the plan out.
async fn carry_out(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    proposal: &Proposal,
    observed: &Observed,
) -> Result<Option<ContainerId>, Error> {
    let plan = &proposal.plan;
    if plan.has(Action::Build) {
        prepared.recipe.fetch_bases(work).await?;
    }
    let starts = plan.has(Action::Start);
    let host_paths = prepared.mounts.host_paths();
    if starts {
        held::check(prepared.mounts.binds())?;
        let spec = &proposal.desired.spec;
        held::check_neighbours(work.engine, &spec.name, &host_paths, held::compares(&spec.env)).await?;
    }
    let materials = Materials {
        spec: &proposal.desired.spec,
        build: &prepared.recipe.build,
        ssh_files: proposal.ssh.as_ref().map(|ssh| ssh.tar.as_slice()),
        container: observed.container.as_ref(),
        host_paths: &host_paths,
        system: work.system,
    };
    // The old container may have exchanged a source until it was removed.
    let (removal, creation) = plan.around_creation();
    if !removal.is_empty() {
        apply(work.engine, &removal, &materials, work.sink).await?;
        if starts {
            held::check(prepared.mounts.binds())?;
        }
    }
    apply(work.engine, &creation, &materials, work.sink).await
}

/// The way to repeat a refused plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    /// At once, with another choice that the state now contains.
    AtOnce,
    /// After a pause.
    Later,
    /// After a pause, with a container for a new network.
    Reconnect,
}

/// Returns an alternative to the refused request.
///
/// # Errors
/// The refusal itself, if no alternative exists.
fn way_out(
    work: &Work<'_, impl Engine>,
    proposal: &Proposal,
    state: &mut State,
    refusal: EngineError,
) -> Result<Retry, Error> {
    if let Some(old) = port_to_move(work, proposal, &refusal) {
        let listen = work.environment.manifest.ssh.listen.value;
        let new = ports::choose_port(listen, &work.environment.id, &[old].into())?;
        work.sink.emit(Notice::PortLost { from: old, to: new }.into());
        state.ssh_port = Some(new);
        return Ok(Retry::AtOnce);
    }
    match refusal {
        EngineError::UlimitRefused { limit, reason } if proposal.chose_limit(work.environment, &limit) => {
            work.sink.emit(Notice::LimitRefused { limit: limit.clone(), reason }.into());
            state.refused_limits.insert(limit);
            Ok(Retry::AtOnce)
        }
        // The network was removed by hand, or two `up`s created it together and one of the two networks was removed
        // again.
        EngineError::NetworkMissing { .. } => Ok(Retry::Reconnect),
        // The engine completes requests of a killed `up`. The next round removes their results, unless they belong to
        // somebody else.
        EngineError::NameTaken { .. } => Ok(Retry::Later),
        other => Err(other.into()),
    }
}

/// Returns the port for SSH, if it is the refused one and envctl chose it.
fn port_to_move(work: &Work<'_, impl Engine>, proposal: &Proposal, refusal: &EngineError) -> Option<u16> {
    let EngineError::PortTaken { port: taken, .. } = refusal else { return None };
    let chosen = proposal.settled.ports.ssh.filter(|_| work.environment.manifest.ssh.port.is_none())?;
    (taken.is_empty() || taken.ends_with(&format!(":{chosen}"))).then_some(chosen)
}

/// Asks before the plan ends somebody's processes. It refuses nothing if nobody works in the container.
async fn confirm_removal(
    work: &Work<'_, impl Engine>,
    plan: &Plan,
    observed: &Observed,
    ask: &dyn Ask,
) -> Result<(), Error> {
    match observed.container.as_ref().filter(|_| plan.has(Action::Remove)) {
        Some(container) => ask.end(lifecycle::list_occupants(work.engine, container).await?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
