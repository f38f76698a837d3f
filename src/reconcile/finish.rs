//! The last step of an `up`: it waits for sshd, tests the GPU and `ssh NAME`, and stores the results.
//!
//! A container that does not start or has no GPU is an error. A failed test of `ssh NAME` is only reported; the next
//! `up` repeats it.

use super::lifecycle::{self, Arrival};
use super::plan::{Action, Plan};
use super::prepare::Prepared;
use super::proposal::Proposal;
use super::work::Work;
use super::{entrance, gpu, reads};
use crate::connect::Endpoint;
use crate::connect::install::Installed;
use crate::engine::{ContainerId, Engine};
use crate::error::Error;
use crate::event::PackagesTry;
use crate::project::State;

/// The result of an `up`.
#[derive(Clone, Debug)]
pub struct UpOutcome {
    /// The steps that were done; empty if nothing was necessary.
    pub plan: Plan,
    /// The way to enter it; `None` without an SSH server.
    pub endpoint: Option<Endpoint>,
    /// Whether the user's SSH configuration contains the entry.
    pub installed: Option<Installed>,
    /// The driver's answer inside the container, one line for each GPU.
    pub gpus: Vec<String>,
    /// The choices that the packages refused before the one in a new lock.
    pub tried: Vec<PackagesTry>,
}

/// Checks that the container of a completed plan can be used, and stores the result.
pub async fn finish_up(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    proposal: Proposal,
    container: Option<ContainerId>,
    state: &mut State,
) -> Result<UpOutcome, Error> {
    let name = proposal.desired.spec.name.as_str();
    let mut endpoint = proposal.ssh.as_ref().map(|ssh| ssh.endpoint.clone());
    if let Some(endpoint) = &mut endpoint {
        endpoint.alias = entrance::choose_alias(work, state).await;
    }
    await_arrival(work, &proposal, endpoint.as_ref()).await?;
    let gpus = prove_gpus(work, prepared, &proposal, state).await?;
    let mut installed = None;
    let mut is_proven = true;
    if let (Some(endpoint), Some(keys)) = (&mut endpoint, &proposal.settled.keys) {
        let entrance = entrance::open_entrance(work, endpoint, &keys.host).await?;
        is_proven = entrance.proven;
        installed = Some(entrance.installed);
    }
    state.container = container;
    state.image = Some(prepared.recipe.build.tag.clone());
    state.spec = Some(proposal.desired.view.to_value());
    state.ssh_files = proposal.ssh.as_ref().map(|ssh| ssh.hash.clone());
    state.endpoint = endpoint.as_ref().and_then(|endpoint| serde_json::to_value(endpoint).ok());
    state.started_at = work.engine.inspect(name).await?.and_then(|container| container.started_at);
    // An access that failed its test is checked again by the next `up`.
    if is_proven {
        reads::remember_reads(work, state);
    }
    state.save(&work.environment.directory)?;
    Ok(UpOutcome { plan: proposal.plan, endpoint, installed, gpus, tried: prepared.tried.clone() })
}

/// Waits until the container can be entered. A new container that ended is removed, so that nobody takes it for a
/// working one. A container that still runs stays, because its log shows the reason.
async fn await_arrival(
    work: &Work<'_, impl Engine>,
    proposal: &Proposal,
    endpoint: Option<&Endpoint>,
) -> Result<(), Error> {
    let name = proposal.desired.spec.name.as_str();
    match lifecycle::wait_until_entered(work.engine, name, endpoint, work.sink).await? {
        Arrival::Up => Ok(()),
        Arrival::Ended(end) => {
            if proposal.plan.has(Action::Create) {
                let _ = work.engine.remove(name).await;
            }
            Err(end.into())
        }
    }
}

/// Returns the driver's answer in a container that was started now. A new container without its GPUs is removed.
async fn prove_gpus(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    proposal: &Proposal,
    state: &mut State,
) -> Result<Vec<String>, Error> {
    if proposal.desired.spec.gpu.is_none() || !proposal.plan.has(Action::Start) {
        return Ok(Vec::new());
    }
    let name = proposal.desired.spec.name.as_str();
    let proof = gpu::prove_gpus(work.engine, name, &prepared.identity).await;
    if proof.is_err() {
        if proposal.plan.has(Action::Create) {
            let _ = work.engine.remove(name).await;
        }
        state.gpu = None;
        state.save(&work.environment.directory)?;
    }
    proof
}
