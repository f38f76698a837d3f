//! Operations on an existing container: find it, list its occupants, start it and wait for it.
//!
//! Several verbs share them, so a container is found and started in the same way everywhere.

use std::time::Duration;

use tokio::time::Instant;

use super::apply::{self, report_begin, report_end};
use super::desired::ID_LABEL;
use super::last_words::last_words;
use super::occupants::{Occupant, find_occupants};
use super::{ReconcileError, held};
use crate::connect::{ConnectError, Endpoint, ready};
use crate::engine::{ContainerInside, ContainerLife, ContainerState, ContainerStatus, Engine, EngineError, Process};
use crate::error::Error;
use crate::event::{Sink, Stage};
use crate::project::{EnvironmentId, State};
use crate::system::System;

/// The time limit for sshd. It usually answers within 20 ms; a change of owner in a home of a terabyte takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The number of times that an interrupted `up` looks for containers that the engine still creates for it.
const SWEEPS: u32 = 4;

/// The program in a container that prepares it and then gives way to another.
const ENTRYPOINT: &str = "/opt/envctl/entrypoint";

/// The pause between two looks at the container during the wait for its entrypoint, which needs about 50 ms.
const BLINK: Duration = Duration::from_millis(20);

/// The pause between two looks at the container during the wait for sshd.
const GLANCE: Duration = Duration::from_millis(200);

/// Returns the environment's container under any name. Another container with its name is an error.
pub async fn find_container(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<Option<ContainerState>, Error> {
    let Some(container) = engine.inspect(&id.container()).await? else { return find_renamed(engine, id).await };
    if container.labels.get(ID_LABEL).is_none_or(|label| label != id.as_str()) {
        return Err(ReconcileError::Foreign { name: container.name }.into());
    }
    Ok(Some(container))
}

/// Finds a container that was renamed by hand. A label alone does not identify it, because a container made from a
/// copy has the label too. The environment's own volumes do.
async fn find_renamed(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<Option<ContainerState>, Error> {
    let own = [id.ssh_volume(), id.home_volume()];
    let mut found = engine.list(&[(ID_LABEL, Some(id.as_str()))]).await?;
    found.retain(|container| container.volumes.iter().any(|volume| own.contains(volume)));
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(engine.inspect(&one.id.0).await?),
        several => {
            let names = several.iter().map(|container| container.name.clone()).collect();
            Err(ReconcileError::Twins { names }.into())
        }
    }
}

/// Returns the environment's container if it runs.
pub async fn find_running(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<ContainerState, Error> {
    match find_container(engine, id).await? {
        None => Err(ReconcileError::Absent { id: id.to_string() }.into()),
        Some(container) if container.status == ContainerStatus::Running => Ok(container),
        Some(container) if container.status == ContainerStatus::Paused => {
            Err(ReconcileError::Paused { name: container.name }.into())
        }
        Some(_) => Err(ReconcileError::NotRunning { id: id.to_string() }.into()),
    }
}

/// Returns the occupants that a stop would end; empty if the container does not run.
pub async fn list_occupants(
    engine: &impl ContainerInside,
    container: &ContainerState,
) -> Result<Vec<Occupant>, EngineError> {
    if container.status != ContainerStatus::Running {
        return Ok(Vec::new());
    }
    Ok(find_occupants(&engine.processes(&container.name).await?, container.first_process))
}

/// Starts a stopped container and waits until it can be entered. Its mount sources are checked first.
pub async fn start_and_wait(
    engine: &impl Engine,
    system: &System,
    container: &ContainerState,
    endpoint: Option<&Endpoint>,
    sink: &dyn Sink,
) -> Result<(), Error> {
    held::check_container(engine, container).await?;
    report_begin(sink, Stage::Start, &container.name);
    held::start_in_turn(engine, system, &container.name, &container.binds, &container.env, sink).await?;
    report_end(sink, Stage::Start, &container.name);
    match wait_until_entered(engine, &container.name, endpoint, sink).await? {
        Arrival::Up => Ok(()),
        Arrival::Ended(end) => Err(end.into()),
    }
}

/// The result of a container's start.
#[derive(Debug)]
pub enum Arrival {
    /// The container can be entered, or it runs without an SSH server.
    Up,
    /// The container ended: its exit code and last lines.
    Ended(ReconcileError),
}

/// Waits until sshd answers; in an environment without it, until the container runs.
///
/// # Errors
/// The container runs but does not answer in time, or it does not exist any more.
pub async fn wait_until_entered(
    engine: &impl Engine,
    container: &str,
    endpoint: Option<&Endpoint>,
    sink: &dyn Sink,
) -> Result<Arrival, Error> {
    let Some(endpoint) = endpoint else { return wait_for_entrypoint(engine, container).await };
    report_begin(sink, Stage::Connect, endpoint.name());
    let (address, port) = (endpoint.address, endpoint.port);
    let answer = tokio::select! {
        answer = ready::wait_for_banner(address, port, Instant::now() + PATIENCE) => answer,
        ended = end_of(engine, container) => return Ok(Arrival::Ended(ended?)),
    };
    if let Err(reason) = answer {
        if let ended @ Arrival::Ended(_) = observe_arrival(engine, container).await? {
            return Ok(ended);
        }
        let log = last_words(engine, container).await;
        return Err(ConnectError::NotReady { address, port, seconds: PATIENCE.as_secs(), reason, log }.into());
    }
    report_end(sink, Stage::Connect, endpoint.name());
    Ok(Arrival::Up)
}

/// Waits until the entrypoint has ended its own work: it may still refuse the mounted directories.
async fn wait_for_entrypoint(engine: &impl Engine, container: &str) -> Result<Arrival, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let Some(state) = engine.inspect(container).await? else {
            return Err(EngineError::NoContainer { name: container.to_owned() }.into());
        };
        // A container that ended a moment ago has no processes to list.
        let Ok(processes) = engine.processes(container).await else {
            return observe_arrival(engine, container).await;
        };
        if !state.status.is_up() || is_past_entrypoint(&processes, state.first_process) || Instant::now() > deadline {
            return observe_arrival(engine, container).await;
        }
        tokio::time::sleep(BLINK).await;
    }
}

/// Whether the entrypoint has become another program. The engine's init process, which keeps the entrypoint's name in its
/// own, is the first process where there are others.
fn is_past_entrypoint(processes: &[Process], first: Option<u32>) -> bool {
    let prepares = |process: &Process| process.command.contains(ENTRYPOINT);
    match processes {
        [] => false,
        [only] => !prepares(only),
        several => several.iter().filter(|process| Some(process.pid) != first).all(|process| !prepares(process)),
    }
}

/// Checks the container repeatedly until it does not run.
async fn end_of(engine: &impl Engine, container: &str) -> Result<ReconcileError, Error> {
    loop {
        tokio::time::sleep(GLANCE).await;
        if let Arrival::Ended(end) = observe_arrival(engine, container).await? {
            return Ok(end);
        }
    }
}

/// Whether the container runs now.
async fn observe_arrival(engine: &impl Engine, container: &str) -> Result<Arrival, Error> {
    let code = match engine.inspect(container).await? {
        Some(state) => match state.status {
            ContainerStatus::Exited { code } => code,
            ContainerStatus::Dead => -1,
            _ => return Ok(Arrival::Up),
        },
        None => return Err(EngineError::NoContainer { name: container.to_owned() }.into()),
    };
    Ok(Arrival::Ended(ReconcileError::Ended { code, log: last_words(engine, container).await }))
}

/// Stops the container if it runs.
pub async fn stop_container(
    engine: &impl Engine,
    container: &ContainerState,
    sink: &dyn Sink,
) -> Result<(), EngineError> {
    apply::stop_container(engine, container, sink).await
}

/// Removes the container; no error if it does not exist.
pub async fn remove_container(
    engine: &impl Engine,
    container: &ContainerState,
    sink: &dyn Sink,
) -> Result<(), EngineError> {
    apply::stop_container(engine, container, sink).await?;
    report_begin(sink, Stage::Remove, &container.name);
    engine.remove(&container.name).await?;
    report_end(sink, Stage::Remove, &container.name);
    Ok(())
}

/// Removes a container that an interrupted `up` created and never started. The engine completes a request even after
/// its client is gone, so the container may appear a moment later.
pub async fn remove_unstarted(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<(), Error> {
    engine.remove(&id.reader()).await?;
    for _ in 0..SWEEPS {
        match find_container(engine, id).await? {
            Some(container) if container.status == ContainerStatus::Created => {
                engine.remove(&container.id.0).await?;
            }
            Some(_) => return Ok(()),
            None => {}
        }
        tokio::time::sleep(GLANCE).await;
    }
    Ok(())
}

/// Returns the endpoint that the state stores.
#[must_use]
pub fn stored_endpoint(state: &State) -> Option<Endpoint> {
    let mut endpoint: Endpoint = serde_json::from_value(state.endpoint.clone()?).ok()?;
    if endpoint.command.is_empty() {
        // An earlier envctl stored the state without the command.
        endpoint.command = format!("ssh {}", endpoint.name());
    }
    Some(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrypoint_is_past_when_it_became_another_program() {
        let process = |pid, command: &str| Process {
            pid,
            parent: 1,
            session: 100,
            user: "root".to_owned(),
            command: command.to_owned(),
        };
        let init = || process(100, "/sbin/docker-init -- /opt/envctl/entrypoint");
        let script = |pid| process(pid, "/bin/sh /opt/envctl/entrypoint");
        let idle = |pid| process(pid, "sleep infinity");
        for (processes, is_past) in [
            (vec![], false),
            (vec![init()], false),
            (vec![init(), script(101)], false),
            (vec![init(), idle(101)], true),
            (vec![script(100)], false),
            (vec![idle(100)], true),
        ] {
            assert_eq!(is_past_entrypoint(&processes, Some(100)), is_past, "{processes:?}");
        }
    }
}
