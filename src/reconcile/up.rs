//! `up`: from a manifest to a container that can be entered.
//!
//! First the quick way: one question to the engine, where nothing that an `up` reads has changed. Else everything is
//! looked at, planned and carried out; what is found to differ is replaced, what is not stays as it is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::apply::{Materials, apply};
use super::consent::Asking;
use super::desired::uses_host_network;
use super::entrance::Look;
use super::plan::{Action, Plan, Wanted};
use super::prepare::{Prepared, prepare};
use super::survey::{Survey, survey};
use super::{entrance, gpu, held, image, lifecycle, ports, reads, recover};
use crate::connect::Endpoint;
use crate::connect::install::Installed;
use crate::engine::{ContainerState, Engine, EngineError, Process};
use crate::error::Error;
use crate::event::{Event, Sink};
use crate::grants::{Grant, Phase, volume_token};
use crate::manifest::{Manifest, MountSource};
use crate::project::{Environment, State};
use crate::settings;
use crate::system::System;

/// How often a port or a limit that is refused at the last moment is replaced by another before that is an error.
const TRIES: usize = 4;

/// How long an engine may take to finish what a killed client had asked for, more each time.
const SETTLE: Duration = Duration::from_millis(150);

/// The kind of error of a container that ended.
const ENDED: &str = "ended";

/// What only a person can say.
pub trait Ask {
    /// Whether they agree to these grants.
    fn grant(&self, grants: &[Grant]) -> bool;

    /// Goes on where what runs inside may be ended.
    fn end(&self, inside: Vec<Process>) -> Result<(), Error>;
}

/// What an `up` works with.
pub struct Work<'a, E> {
    pub engine: &'a E,
    pub system: &'a System,
    pub environment: &'a Environment,
    pub settings: &'a settings::Build,
    pub sink: &'a dyn Sink,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was done; empty: nothing had to be.
    pub plan: Plan,
    /// How it is entered; none without an SSH server.
    pub endpoint: Option<Endpoint>,
    /// Whether the user's SSH configuration leads there.
    pub installed: Option<Installed>,
    /// What the driver answered inside.
    pub gpus: Vec<String>,
}

/// Brings the environment up. The caller holds it.
pub async fn up(work: &Work<'_, impl Engine>, wanted: Wanted, ask: &dyn Ask) -> Result<Outcome, Error> {
    let mut state = work.environment.state()?;
    if wanted == Wanted::default()
        && let Some(outcome) = unchanged(work, &mut state).await?
    {
        return Ok(outcome);
    }
    image::sweep(&work.environment.directory);
    recover::container_name(work).await?;
    recover::state(work, &mut state).await?;
    let prepared = prepare(work, &mut state, Phase::Run, ask).await?;
    let found = bring(work, &prepared, &mut state, wanted, ask).await?;
    let (outcome, proven) = finish(work, &prepared, found, &mut state).await?;
    // A way in that was not seen to work is looked at again.
    if proven {
        reads::remember(work, &mut state);
    }
    state.save(&work.environment.directory)?;
    Ok(outcome)
}

/// The quick way: the container that the last `up` left runs, and nothing that it read has changed.
async fn unchanged(work: &Work<'_, impl Engine>, state: &mut State) -> Result<Option<Outcome>, Error> {
    let Some(container) = left_unchanged(work, state).await? else { return Ok(None) };
    let endpoint = lifecycle::endpoint(state);
    if state.started_at.as_ref() != Some(&container.started_at) {
        // Somebody else started it, maybe just now: the engine itself, or `docker restart`.
        match lifecycle::wait(work.engine, &container.name, endpoint.as_ref(), work.sink).await {
            Err(error) if error.report().kind() == ENDED => return Ok(None),
            answer => answer?,
        }
        state.started_at = Some(container.started_at);
        state.save(&work.environment.directory)?;
    }
    let installed = match entrance::keep(work, endpoint.as_ref())? {
        Look::Changed => return Ok(None),
        Look::Kept(installed) => Some(installed),
        Look::NoServer => None,
    };
    Ok(Some(Outcome { plan: Plan::default(), endpoint, installed, gpus: Vec::new() }))
}

/// The container that the last `up` left, where it runs and nothing that this `up` would read has changed.
async fn left_unchanged(work: &Work<'_, impl Engine>, state: &State) -> Result<Option<ContainerState>, Error> {
    let Some(remembered) = state.container.as_ref().filter(|_| reads::hold(work, state)) else { return Ok(None) };
    let endpoint = lifecycle::endpoint(state);
    let container = work.engine.inspect(&remembered.0).await?;
    Ok(container.filter(|container| as_left(work, container, endpoint.as_ref())))
}

/// Whether the container is as `up` left it: it runs, under its name, and its port leads to it. A container that `up` finds
/// otherwise was stopped, renamed or taken off its network by hand.
fn as_left(work: &Work<'_, impl Engine>, container: &ContainerState, endpoint: Option<&Endpoint>) -> bool {
    let reached = endpoint.is_none_or(|endpoint| {
        uses_host_network(&work.environment.manifest) || container.ports.iter().any(|port| port.host == endpoint.port)
    });
    container.status.is_up() && reached && container.name == work.environment.id.container()
}

/// Plans and applies, and does so again where the engine refuses at the last moment what can be had in another way.
async fn bring(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    wanted: Wanted,
    ask: &dyn Ask,
) -> Result<Survey, Error> {
    recover::host_key(work).await?;
    let mut wanted = build_first(work, prepared, state, wanted, ask).await?;
    let mut tries = 0;
    loop {
        let mut found = survey(work, prepared, state, wanted).await?;
        vacate(work, &found, ask).await?;
        remember_intent(work, prepared, &found, state)?;
        if found.plan.has(Action::Build) {
            prepared.recipe.ready_base(work.engine, work.sink).await?;
        }
        let materials = Materials {
            spec: &found.desired.spec,
            build: Some(&prepared.recipe.build),
            ssh_files: found.ssh.as_ref().map(|ssh| ssh.tar.as_slice()),
            container: found.observed.container.as_ref(),
        };
        if found.plan.has(Action::Start) {
            held::check(prepared.mounts.binds())?;
        }
        tries += 1;
        match apply(work.engine, &found.plan, &materials, work.sink).await {
            Ok(container) => {
                found.container = container;
                return Ok(found);
            }
            Err(EngineError::UlimitRefused { limit, reason }) if tries < TRIES && found.chose_limit(work, &limit) => {
                let message = format!("the engine may not set the limit `{limit}` ({reason}); going on without it");
                work.sink.emit(Event::Warning { message });
                state.refused_limits.insert(limit);
            }
            Err(EngineError::PortTaken { .. }) if tries < TRIES && work.environment.manifest.ssh.port.is_none() => {
                state.ssh_port = Some(another_port(work, &found)?);
            }
            Err(EngineError::NetworkMissing { .. }) if tries < TRIES => {
                // Removed by hand, or two `up`s made it at the same moment and one of the two is gone again.
                wanted.reconnect = true;
                tokio::time::sleep(SETTLE).await;
            }
            Err(EngineError::NameTaken { .. }) if tries < TRIES => {
                // The engine finishes what a killed `up` had asked it for: what comes of that is swept away next time
                // round, unless it turns out to be somebody else's.
                tokio::time::sleep(SETTLE * u32::try_from(tries).unwrap_or(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A port that was free when we looked and taken when the engine did.
fn another_port(work: &Work<'_, impl Engine>, found: &Survey) -> Result<u16, Error> {
    let taken: BTreeSet<u16> = found.ports.ssh.into_iter().collect();
    let new = ports::choose(work.environment.manifest.ssh.listen.value, &work.environment.id, &taken)?;
    let old = found.ports.ssh.unwrap_or_default();
    work.sink.emit(Event::Warning { message: format!("port {old} was taken just now; SSH moves to port {new}") });
    Ok(new)
}

/// The image before everything else: while it is built the old container goes on, and the dry start that finds the way to
/// a GPU needs it. Who is inside is asked first: nobody wants to learn after an hour's build that it was for nothing.
async fn build_first(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    wanted: Wanted,
    ask: &dyn Ask,
) -> Result<Wanted, Error> {
    let found = survey(work, prepared, state, wanted).await?;
    if !found.plan.has(Action::Build) {
        return Ok(wanted);
    }
    vacate(work, &found, ask).await?;
    prepared.recipe.build(work.engine, work.sink).await?;
    Ok(Wanted { rebuild: false, ..wanted })
}

/// Goes on where the plan ends nobody's work, or whoever may say so says so.
async fn vacate(work: &Work<'_, impl Engine>, found: &Survey, ask: &dyn Ask) -> Result<(), Error> {
    let Some(container) = found.observed.container.as_ref().filter(|_| found.plan.has(Action::Remove)) else {
        return Ok(());
    };
    let inside = lifecycle::inside(work.engine, container).await?;
    ask.end(inside)
}

/// Written before the engine is touched: a kill at any later moment leaves a state from which the next `up` goes on, with
/// the same port.
fn remember_intent(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    found: &Survey,
    state: &mut State,
) -> Result<(), Error> {
    state.inputs = None;
    state.bootstrapped = prepared.bootstrapped;
    state.ssh_port = found.ports.ssh.or(state.ssh_port);
    state.ports.clone_from(&found.ports.ranges);
    work.engine.endpoint().clone_into(&mut state.engine);
    Ok(state.save(&work.environment.directory)?)
}

/// Waits for sshd, proves the GPU, and makes `ssh NAME` work. With it, whether that was seen.
async fn finish(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    found: Survey,
    state: &mut State,
) -> Result<(Outcome, bool), Error> {
    let made = found.plan.has(Action::Create);
    let name = found.desired.spec.name.clone();
    let mut endpoint = found.ssh.as_ref().map(|ssh| ssh.endpoint.clone());
    if let Some(endpoint) = &mut endpoint {
        endpoint.alias = entrance::alias(work, state).await;
    }
    if let Err(error) = lifecycle::wait(work.engine, &name, endpoint.as_ref(), work.sink).await {
        // What never came up is not left to be taken for something; what still runs is, because its log tells why.
        let ended = error.report().kind() == ENDED;
        if made && ended {
            let _ = work.engine.remove(&name).await;
        }
        return Err(error);
    }
    let mut gpus = Vec::new();
    if found.desired.spec.gpu.is_some() && found.plan.has(Action::Start) {
        gpus = match gpu::prove(work.engine, &name, &prepared.identity).await {
            Ok(gpus) => gpus,
            Err(error) => {
                if made {
                    let _ = work.engine.remove(&name).await;
                }
                state.gpu = None;
                state.save(&work.environment.directory)?;
                return Err(error);
            }
        };
    }
    let mut installed = None;
    let mut proven = true;
    if let (Some(endpoint), Some(ssh)) = (&mut endpoint, &found.ssh) {
        let entrance = entrance::open(work, endpoint, &ssh.host_key).await?;
        proven = entrance.proven;
        installed = Some(entrance.installed);
    }
    remember(prepared, &found, endpoint.as_ref(), state);
    state.started_at = work.engine.inspect(&name).await?.map(|container| container.started_at);
    state.grants.extend(volume_tokens(&work.environment.manifest));
    Ok((Outcome { plan: found.plan, endpoint, installed, gpus }, proven))
}

/// The volumes are there now, made by this environment or agreed to.
fn volume_tokens(manifest: &Manifest) -> impl Iterator<Item = String> {
    manifest.run.mounts.iter().filter_map(|mount| match &mount.value.source {
        MountSource::Volume(name) => Some(volume_token(name)),
        MountSource::Path(_) => None,
    })
}

fn remember(prepared: &Prepared, found: &Survey, endpoint: Option<&Endpoint>, state: &mut State) {
    state.container.clone_from(&found.container);
    state.image = Some(prepared.recipe.build.tag.clone());
    state.spec = serde_json::to_value(&found.desired.view).ok();
    state.ssh_files = found.ssh.as_ref().map(|ssh| ssh.hash.clone());
    state.endpoint = endpoint.and_then(|endpoint| serde_json::to_value(endpoint).ok());
}

/// What `up` would do.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    pub plan: Plan,
    /// Who would be ended.
    pub inside: Vec<Process>,
    /// What `up` would ask for first.
    pub grants: Vec<Grant>,
}

/// What `up` would do, changing nothing. What it has to read and to ask for that has to be agreed to.
pub async fn plan(work: &Work<'_, impl Engine>, wanted: Wanted) -> Result<Planned, Error> {
    struct Unasked;
    impl Ask for Unasked {
        fn grant(&self, _: &[Grant]) -> bool {
            false
        }
        fn end(&self, _: Vec<Process>) -> Result<(), Error> {
            Ok(())
        }
    }
    let mut state = work.environment.state()?;
    if wanted == Wanted::default() && left_unchanged(work, &state).await?.is_some() {
        return Ok(Planned::default());
    }
    recover::state(work, &mut state).await?;
    let asking =
        Asking { environment: work.environment, system: work.system, allowed: &work.settings.allow, phase: Phase::Run };
    let grants = asking.missing(work.engine, &state).await?;
    let prepared = prepare(work, &mut state, Phase::Build, &Unasked).await?;
    let found = survey(work, &prepared, &mut state, wanted).await?;
    let inside = match found.observed.container.as_ref().filter(|_| found.plan.has(Action::Remove)) {
        Some(container) => lifecycle::inside(work.engine, container).await?,
        None => Vec::new(),
    };
    Ok(Planned { plan: found.plan, inside, grants })
}

/// Builds the image alone; its name, and whether it had to be built.
pub async fn build(work: &Work<'_, impl Engine>, ask: &dyn Ask) -> Result<(String, bool), Error> {
    let mut state = work.environment.state()?;
    recover::state(work, &mut state).await?;
    let prepared = prepare(work, &mut state, Phase::Build, ask).await?;
    let build = &prepared.recipe.build;
    let there = work.engine.image(&build.tag).await?.is_some();
    if there && !work.settings.no_cache && !work.settings.pull {
        return Ok((build.tag.clone(), false));
    }
    prepared.recipe.build(work.engine, work.sink).await?;
    Ok((build.tag.clone(), true))
}

#[cfg(test)]
#[path = "up_tests.rs"]
mod tests;
