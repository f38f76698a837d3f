//! A container of the fake engine as a value: its specification and its present state.
//!
//! The checks here refuse the same specifications that a real engine refuses.

use std::collections::BTreeMap;

use crate::engine::{
    ContainerId, ContainerSpec, ContainerState, ContainerStatus, EngineError, GpuRoute, HostPath, ImageState,
    ListedContainer, MountKind, MountSpec,
};

use crate::manifest::Restart;

/// The process ID of every container's first process.
pub const FIRST: u32 = 1000;

/// Paths below this one do not exist on the fake's host.
pub(super) const NOWHERE: &str = "/nonexistent";

/// A container of the fake engine.
#[derive(Clone, Debug)]
pub struct FakeContainer {
    pub id: ContainerId,
    /// The image it was made from.
    pub image: ImageState,
    /// The specification it was created from.
    pub spec: ContainerSpec,
    /// Its present status.
    pub status: ContainerStatus,
    /// Files uploaded into it, by path, without files in volumes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The output it printed.
    pub log: String,
    pub(super) starts: u32,
}

impl FakeContainer {
    pub(super) fn new(id: ContainerId, image: ImageState, spec: ContainerSpec) -> Self {
        let (files, log) = <_>::default();
        Self { id, image, spec, status: ContainerStatus::Created, files, log, starts: 0 }
    }

    /// Returns the entrypoint and the command together.
    pub(super) fn command(&self) -> Vec<String> {
        self.spec.entrypoint.iter().chain(&self.spec.command).cloned().collect()
    }

    pub(super) fn state(&self) -> ContainerState {
        let running = self.status == ContainerStatus::Running;
        let volumes = self.spec.mounts.iter().filter(|mount| mount.kind == MountKind::Volume);
        let mut labels = self.image.labels.clone();
        labels.extend(self.spec.labels.clone());
        ContainerState {
            id: self.id.clone(),
            name: self.spec.name.clone(),
            image: self.image.id.clone(),
            image_reference: self.spec.image.clone(),
            labels,
            env: self.image.env.iter().chain(&self.spec.env).cloned().collect(),
            status: self.status,
            first_process: running.then_some(FIRST),
            started_at: (self.starts != 0).then(|| format!("2026-01-01T00:00:{:02}Z", self.starts)),
            binds: self.binds(),
            restarts: self.spec.restart.is_some_and(|restart| restart != Restart::No),
            ports: if running { self.spec.ports.clone() } else { Vec::new() },
            volumes: volumes.map(|mount| mount.source.clone()).collect(),
        }
    }

    fn binds(&self) -> Vec<HostPath> {
        let binds = self.spec.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
        binds.map(|mount| HostPath { path: mount.source.clone(), is_writable: !mount.read_only }).collect()
    }

    pub(super) fn listed(&self) -> ListedContainer {
        let ContainerState { id, name, image_reference, labels, status, ports, volumes, binds, .. } = self.state();
        ListedContainer { id, name, image_reference, labels, status, ports, volumes, binds }
    }
}

/// Makes the checks of an engine at creation: no ports, and of the GPU request only the runtime.
pub(super) fn check_creatable(spec: &ContainerSpec, gpu: &[GpuRoute]) -> Result<(), EngineError> {
    let missing = |mount: &&MountSpec| mount.kind == MountKind::Bind && mount.source.starts_with(NOWHERE);
    if let Some(mount) = spec.mounts.iter().find(missing) {
        return Err(EngineError::MountMissing { path: mount.source.clone() });
    }
    let runtime = spec.gpu.as_ref().is_some_and(|asked| asked.via == GpuRoute::Runtime);
    if runtime && !gpu.contains(&GpuRoute::Runtime) {
        return Err(EngineError::NoGpu { reason: "Unknown runtime specified nvidia".into() });
    }
    Ok(())
}
