//! Combines a container's state with the data that this host stores about its environment.
//!
//! This host stores no data about the environments of other users.

use std::path::PathBuf;

use crate::engine::{ContainerState, ContainerStatus, ListedContainer, PublishedPort};
use crate::place::{EnvironmentSeen, OpenPort, RunState};
use crate::project::{Environment, State, environments_directory};
use crate::reconcile::desired::{ID_LABEL, NAME_LABEL};
use crate::reconcile::lifecycle;
use crate::system::System;

/// Returns the environment of a project, with the state of its container if it has one.
pub(super) fn of_project(environment: &Environment, container: Option<&ContainerState>) -> EnvironmentSeen {
    let (id, name) = (environment.id.to_string(), environment.manifest.name.value.to_string());
    let project = Some(environment.project.root.clone());
    let Some(container) = container else { return absent(id, name, project) };
    EnvironmentSeen {
        id,
        name,
        project,
        state: run_state(container.status),
        container: Some(container.name.clone()),
        image: Some(container.image_reference.clone()),
        started_at: container.started_at.clone(),
        ports: container.ports.iter().map(open_port).collect(),
        endpoint: environment.state().ok().and_then(|state| lifecycle::stored_endpoint(&state)),
    }
}

/// Returns the environment of a container in the engine's list, which names no start time. For another user's
/// environment this host has no state.
pub(super) fn of_host(system: &System, container: &ListedContainer) -> EnvironmentSeen {
    let label = |name: &str| container.labels.get(name).cloned().unwrap_or_default();
    let id = label(ID_LABEL);
    let directory = environments_directory(system).join(&id);
    let state = if id.contains('/') { None } else { State::load(&directory).ok().flatten() };
    EnvironmentSeen {
        name: label(NAME_LABEL),
        id,
        endpoint: state.as_ref().and_then(lifecycle::stored_endpoint),
        project: state.map(|state| state.project),
        state: run_state(container.status),
        container: Some(container.name.clone()),
        image: Some(container.image_reference.clone()),
        started_at: None,
        ports: container.ports.iter().map(open_port).collect(),
    }
}

fn absent(id: String, name: String, project: Option<PathBuf>) -> EnvironmentSeen {
    EnvironmentSeen {
        id,
        name,
        project,
        state: RunState::Absent,
        container: None,
        image: None,
        started_at: None,
        ports: Vec::new(),
        endpoint: None,
    }
}

fn run_state(status: ContainerStatus) -> RunState {
    match status {
        ContainerStatus::Created => RunState::Created,
        ContainerStatus::Running => RunState::Running,
        ContainerStatus::Paused => RunState::Paused,
        ContainerStatus::Restarting => RunState::Restarting,
        ContainerStatus::Exited { code } => RunState::Ended { code },
        ContainerStatus::Dead => RunState::Dead,
    }
}

fn open_port(port: &PublishedPort) -> OpenPort {
    let PublishedPort { address, host, container, protocol } = *port;
    OpenPort { address, host, container, protocol }
}
