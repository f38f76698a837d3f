//! Operations on an existing container: find it, list its occupants, start it and wait for it.
//!
//! Several verbs share them, so a container is found and started in the same way everywhere.

use std::time::Duration;

use tokio::time::Instant;

use super::apply::{self, begin, end};
use super::desired::ID_LABEL;
use super::last_words::last_words;
use super::occupants::{Occupant, occupants};
use super::{ReconcileError, held};
use crate::connect::{ConnectError, Endpoint, ready};
use crate::engine::{ContainerInside, ContainerLife, ContainerState, ContainerStatus, Engine, EngineError};
use crate::error::Error;
use crate::event::{Sink, Stage};
use crate::project::{EnvironmentId, State};

/// How long sshd gets. It answers within some 20 ms; a home of a terabyte that has to be given to its owner takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often an interrupted `up` looks for what the engine still makes for it.
const SWEEPS: u32 = 4;

/// How often the container is looked at while sshd is waited for.
const GLANCE: Duration = Duration::from_millis(200);

/// The environment's container, whatever its name is by now; an error where something else has the name.
pub async fn find(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<Option<ContainerState>, Error> {
    let Some(container) = engine.inspect(&id.container()).await? else { return renamed(engine, id).await };
    if container.labels.get(ID_LABEL).is_none_or(|label| label != id.as_str()) {
        return Err(ReconcileError::Foreign { name: container.name }.into());
    }
    Ok(Some(container))
}

/// A container that was renamed by hand. A label alone does not tell it: what is made from a copy of the container carries
/// it, too. The environment's own volumes do.
async fn renamed(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<Option<ContainerState>, Error> {
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

/// The environment's container, where it runs.
pub async fn find_running(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<ContainerState, Error> {
    match find(engine, id).await? {
        None => Err(ReconcileError::Absent { id: id.to_string() }.into()),
        Some(container) if container.status == ContainerStatus::Running => Ok(container),
        Some(container) if container.status == ContainerStatus::Paused => {
            Err(ReconcileError::Paused { name: container.name }.into())
        }
        Some(_) => Err(ReconcileError::NotRunning { id: id.to_string() }.into()),
    }
}

/// Who would be ended by a stop; nobody where it does not run.
pub async fn inside(engine: &impl ContainerInside, container: &ContainerState) -> Result<Vec<Occupant>, EngineError> {
    if container.status != ContainerStatus::Running {
        return Ok(Vec::new());
    }
    Ok(occupants(&engine.processes(&container.name).await?, container.first_process))
}

/// Starts a container that was stopped and waits until it can be entered. What it mounts is looked at first.
pub async fn start(
    engine: &impl Engine,
    container: &ContainerState,
    endpoint: Option<&Endpoint>,
    sink: &dyn Sink,
) -> Result<(), Error> {
    held::check(container.binds.iter().map(String::as_str))?;
    begin(sink, Stage::Start, &container.name);
    engine.start(&container.name).await?;
    end(sink, Stage::Start, &container.name);
    match wait(engine, &container.name, endpoint, sink).await? {
        Arrival::Up => Ok(()),
        Arrival::Ended(end) => Err(end.into()),
    }
}

/// What became of a container that was started.
#[derive(Debug)]
pub enum Arrival {
    /// It can be entered, or runs where it has no SSH server.
    Up,
    /// It ended: with its exit code and its last words.
    Ended(ReconcileError),
}

/// Waits until sshd answers, or, in an environment without one, until the container is seen to run.
///
/// # Errors
/// A container that runs and does not answer in time, and one that is gone.
pub async fn wait(
    engine: &impl Engine,
    container: &str,
    endpoint: Option<&Endpoint>,
    sink: &dyn Sink,
) -> Result<Arrival, Error> {
    let Some(endpoint) = endpoint else { return seen(engine, container).await };
    begin(sink, Stage::Connect, endpoint.name());
    let (address, port) = (endpoint.address, endpoint.port);
    let answer = tokio::select! {
        answer = ready::banner(address, port, Instant::now() + PATIENCE) => answer,
        ended = end_of(engine, container) => return Ok(Arrival::Ended(ended?)),
    };
    if let Err(reason) = answer {
        if let ended @ Arrival::Ended(_) = seen(engine, container).await? {
            return Ok(ended);
        }
        let log = last_words(engine, container).await;
        return Err(ConnectError::NotReady { address, port, seconds: PATIENCE.as_secs(), reason, log }.into());
    }
    end(sink, Stage::Connect, endpoint.name());
    Ok(Arrival::Up)
}

/// Looks at the container again and again, until it does not run.
async fn end_of(engine: &impl Engine, container: &str) -> Result<ReconcileError, Error> {
    loop {
        tokio::time::sleep(GLANCE).await;
        if let Arrival::Ended(end) = seen(engine, container).await? {
            return Ok(end);
        }
    }
}

/// Whether the container runs at this moment.
async fn seen(engine: &impl Engine, container: &str) -> Result<Arrival, Error> {
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

/// Stops it, where it runs.
pub async fn stop(engine: &impl Engine, container: &ContainerState, sink: &dyn Sink) -> Result<(), EngineError> {
    apply::stop(engine, container, sink).await
}

/// Removes the container, and no error where it is gone.
pub async fn remove(engine: &impl Engine, container: &ContainerState, sink: &dyn Sink) -> Result<(), EngineError> {
    apply::stop(engine, container, sink).await?;
    begin(sink, Stage::Remove, &container.name);
    engine.remove(&container.name).await?;
    end(sink, Stage::Remove, &container.name);
    Ok(())
}

/// Takes away what an interrupted `up` left: a container that was made and never started. The engine finishes a request
/// whose client is gone, so that the container may come a moment later.
pub async fn sweep(engine: &impl ContainerLife, id: &EnvironmentId) -> Result<(), Error> {
    engine.remove(&id.reader()).await?;
    for _ in 0..SWEEPS {
        match find(engine, id).await? {
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

/// Where the environment is entered, as the state remembers it.
#[must_use]
pub fn endpoint(state: &State) -> Option<Endpoint> {
    let mut endpoint: Endpoint = serde_json::from_value(state.endpoint.clone()?).ok()?;
    if endpoint.command.is_empty() {
        // Remembered by an envctl that did not keep it.
        endpoint.command = format!("ssh {}", endpoint.name());
    }
    Some(endpoint)
}
