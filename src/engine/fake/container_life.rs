//! Creates, starts, stops and removes containers in the fake engine.
//!
//! Each call is recorded and can be made to fail by a test.

use std::collections::BTreeMap;

use super::{Fake, FakeContainer, container, sha256};
use crate::engine::{
    ContainerId, ContainerLife, ContainerSpec, ContainerState, ContainerStatus, EngineError, ListedContainer, MountKind,
};

impl ContainerLife for Fake {
    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedContainer>, EngineError> {
        self.called("list", "")?;
        let carries = |container: &ListedContainer| {
            let has = |(name, value): &(&str, Option<&str>)| {
                container.labels.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            };
            labels.iter().all(has)
        };
        Ok(self.containers.borrow().values().map(FakeContainer::listed).filter(carries).collect())
    }

    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError> {
        self.called("inspect", container)?;
        let Ok(name) = self.find(container) else { return Ok(None) };
        Ok(Some(self.containers.borrow()[&name].state()))
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        self.called("create", &spec.name)?;
        let image = self.find_image(&spec.image).ok_or_else(|| EngineError::NoImage {
            reference: spec.image.clone(),
            reason: format!("No such image: {}", spec.image),
        })?;
        if self.containers.borrow().contains_key(&spec.name) {
            return Err(EngineError::NameTaken { name: spec.name.clone() });
        }
        container::check_creatable(spec, &self.gpu.borrow())?;
        for volume in spec.mounts.iter().filter(|mount| mount.kind == MountKind::Volume) {
            if !self.volumes.borrow().contains_key(&volume.source) {
                self.volumes.borrow_mut().insert(volume.source.clone(), BTreeMap::new());
                self.volume_labels.borrow_mut().insert(volume.source.clone(), spec.labels.clone());
            }
        }
        self.made.set(self.made.get() + 1);
        let id = ContainerId(sha256(format!("{} {}", spec.name, self.made.get()).as_bytes()));
        self.containers.borrow_mut().insert(spec.name.clone(), FakeContainer::new(id.clone(), image, spec.clone()));
        Ok(id)
    }

    async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError> {
        self.called("rename", container)?;
        let old = self.find(container)?;
        let mut containers = self.containers.borrow_mut();
        if containers.contains_key(name) {
            return Err(EngineError::NameTaken { name: name.to_owned() });
        }
        if let Some(mut found) = containers.remove(&old) {
            name.clone_into(&mut found.spec.name);
            containers.insert(name.to_owned(), found);
        }
        Ok(())
    }

    async fn start(&self, container: &str) -> Result<(), EngineError> {
        self.called("start", container)?;
        let name = self.find(container)?;
        self.start_container(&name)
    }

    async fn stop(&self, container: &str, _grace: u32) -> Result<(), EngineError> {
        self.called("stop", container)?;
        let name = self.find(container)?;
        if let Some(found) = self.containers.borrow_mut().get_mut(&name)
            && found.status == ContainerStatus::Running
        {
            found.status = ContainerStatus::Exited { code: 143 };
        }
        Ok(())
    }

    async fn remove(&self, container: &str) -> Result<(), EngineError> {
        self.called("remove", container)?;
        if let Ok(name) = self.find(container) {
            self.containers.borrow_mut().remove(&name);
        }
        Ok(())
    }
}
