//! Observes the environment's container and its image on the engine, and the data that this host stores about them.
//!
//! It changes nothing.

use super::plan::Observed;
use super::view::SpecView;
use super::work::Work;
use super::{ReconcileError, lifecycle};
use crate::engine::{ContainerStatus, Engine};
use crate::error::Error;
use crate::project::State;

/// Observes the container, and the image of this name.
pub async fn observe(work: &Work<'_, impl Engine>, image: &str, state: &State) -> Result<Observed, Error> {
    let container = lifecycle::find_container(work.engine, &work.environment.id).await?;
    if let Some(paused) = container.as_ref().filter(|container| container.status == ContainerStatus::Paused) {
        return Err(ReconcileError::Paused { name: paused.name.clone() }.into());
    }
    let view = state.spec.clone().and_then(|spec| serde_json::from_value::<SpecView>(spec).ok());
    let image = work.engine.image(image).await?;
    Ok(Observed { image, container, view, ssh_files: state.ssh_files.clone() })
}
