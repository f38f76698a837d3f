//! Creates, starts, stops and removes containers.
//!
//! Operations that find the container already in the wanted state succeed.

use std::time::Duration;

use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    RenameContainerOptionsBuilder, StopContainerOptionsBuilder,
};

use super::errors::{absent_is_fine, absent_is_none};
use super::refusal::RequestSubject;
use super::{Docker, by_label, create, observe};
use crate::engine::{ContainerId, ContainerLife, ContainerSpec, ContainerState, EngineError, ListedContainer};

impl ContainerLife for Docker {
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedContainer>, EngineError> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&by_label(labels)).build();
        let list = self.client.list_containers(Some(options));
        let found = self.within(self.patience.usual, "list the containers", RequestSubject::Engine, list).await?;
        Ok(found.into_iter().map(observe::listed_container).collect())
    }

    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_container(container, None).await) };
        let subject = RequestSubject::Container(container);
        let found = self.within(self.patience.usual, "inspect the container", subject, inspect).await?;
        Ok(found.map(observe::container))
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let create = self.client.create_container(Some(options), create::request_body(spec));
        let subject = RequestSubject::Container(&spec.name);
        let made = self.within(self.patience.work, "create the container", subject, create).await;
        let made = made.map_err(|error| match error {
            EngineError::NoImage { reason, .. } => EngineError::NoImage { reference: spec.image.clone(), reason },
            other => other,
        })?;
        Ok(ContainerId(made.id))
    }

    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptionsBuilder::new().name(name).build();
        let rename = self.client.rename_container(container, options);
        self.within(self.patience.work, "rename the container", RequestSubject::Container(container), rename).await
    }

    async fn start(&self, container: &str) -> Result<(), EngineError> {
        let start = self.client.start_container(container, None);
        self.within(self.patience.work, "start the container", RequestSubject::Container(container), start).await
    }

    async fn stop(&self, container: &str, grace: u32) -> Result<(), EngineError> {
        let limit = self.patience.work + Duration::from_secs(grace.into());
        let grace = i32::try_from(grace).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(grace).build();
        let stop = self.client.stop_container(container, Some(options));
        self.within(limit, "stop the container", RequestSubject::Container(container), stop).await
    }

    async fn remove(&self, container: &str) -> Result<(), EngineError> {
        // `v` removes only anonymous volumes, which nobody can name any more.
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let remove = async { absent_is_fine(self.client.remove_container(container, Some(options)).await) };
        self.within(self.patience.work, "remove the container", RequestSubject::Container(container), remove).await
    }
}
