//! The fast path of an `up`: a single request to the engine when nothing that it reads has changed.
//!
//! It keeps a repeated `up` fast; every doubt leads to the full `up`.

use super::entrance::{self, Look};
use super::lifecycle::{self, Arrival};
use super::work::Work;
use super::{held, reads};
use crate::connect::Endpoint;
use crate::connect::install::Installed;
use crate::engine::{ContainerState, Engine};
use crate::error::Error;
use crate::project::State;

/// An environment that is as the last `up` left it.
pub struct Unchanged {
    /// The way to enter it; `None` without an SSH server.
    pub endpoint: Option<Endpoint>,
    /// Whether the user's SSH configuration contains the entry.
    pub installed: Option<Installed>,
}

/// Restores missing parts of the access, and waits for a container that somebody else started. Returns `None` if a
/// full `up` is needed.
pub async fn confirm_unchanged(work: &Work<'_, impl Engine>, state: &mut State) -> Result<Option<Unchanged>, Error> {
    let Some(container) = find_unchanged(work, state).await? else { return Ok(None) };
    let endpoint = lifecycle::stored_endpoint(state);
    if state.started_at.is_none() || state.started_at != container.started_at {
        // The start may be recent: by the engine itself, or by `docker restart`.
        let arrival = lifecycle::wait_until_entered(work.engine, &container.name, endpoint.as_ref(), work.sink).await?;
        if matches!(arrival, Arrival::Ended(_)) {
            return Ok(None);
        }
        state.started_at = container.started_at;
        state.save(&work.environment.directory)?;
    }
    let installed = match entrance::keep_entrance(work, endpoint.as_ref())? {
        Look::Changed => return Ok(None),
        Look::Kept(installed) => Some(installed),
        Look::NoServer => None,
    };
    Ok(Some(Unchanged { endpoint, installed }))
}

/// Returns the container of the last `up` if it runs and nothing that this `up` would read has changed. Changes
/// nothing.
pub async fn find_unchanged(work: &Work<'_, impl Engine>, state: &State) -> Result<Option<ContainerState>, Error> {
    let Some(remembered) = state.container.as_ref().filter(|_| reads::are_unchanged(work, state)) else {
        return Ok(None);
    };
    let endpoint = lifecycle::stored_endpoint(state);
    let container = work.engine.inspect(&remembered.0).await?;
    Ok(container.filter(|container| as_left(work, container, endpoint.as_ref())))
}

/// Whether the container is as `up` left it: it runs under its name, its port leads to it, and the sources of its
/// mounts are unchanged. Otherwise it was stopped, renamed or disconnected by hand, or its restart failed.
fn as_left(work: &Work<'_, impl Engine>, container: &ContainerState, endpoint: Option<&Endpoint>) -> bool {
    let environment = work.environment;
    let reached = endpoint.is_none_or(|endpoint| {
        environment.manifest.uses_host_network() || container.ports.iter().any(|port| port.host == endpoint.port)
    });
    let held = held::check(container.binds.iter().map(|bind| bind.path.as_str())).is_ok()
        && held::are_same_directories(&container.binds, &container.env);
    container.status.is_up() && reached && held && container.name == environment.id.container()
}
