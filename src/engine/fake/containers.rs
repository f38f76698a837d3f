//! The containers of the fake engine: the conditions for a start, and the files in each container.
//!
//! A start fails here for the same reasons as in a real engine.

use std::io::Read;

use super::container::NOWHERE;
use super::{Fake, Program};
use crate::engine::{ContainerSpec, ContainerStatus, EngineError, MountKind, MountSpec};

/// The networks that every engine has.
const BUILT_IN: [&str; 3] = ["bridge", "host", "none"];

impl Fake {
    pub(super) fn start_container(&self, name: &str) -> Result<(), EngineError> {
        if self.containers.borrow()[name].status == ContainerStatus::Running {
            return Ok(());
        }
        let status = self.check_startable(name)?;
        let mut containers = self.containers.borrow_mut();
        let Some(container) = containers.get_mut(name) else { return Ok(()) };
        container.status = status;
        let command = container.command();
        if command.first().is_some_and(|program| program == "echo") {
            container.log.push_str(&command[1..].join(" "));
            container.log.push('\n');
        }
        container.starts += 1;
        Ok(())
    }

    fn check_startable(&self, name: &str) -> Result<ContainerStatus, EngineError> {
        let containers = self.containers.borrow();
        let container = &containers[name];
        if let Some(asked) = &container.spec.gpu
            && !self.gpu.borrow().contains(&asked.via)
        {
            let reason = "could not select device driver \"\" with capabilities: [[gpu]]".into();
            return Err(EngineError::NoGpu { reason });
        }
        if let Some(network) = container.spec.network.as_deref()
            && !BUILT_IN.contains(&network)
            && !self.networks.borrow().contains_key(network)
        {
            let reason = format!("network {network} not found");
            return Err(EngineError::NetworkMissing { container: name.to_owned(), reason });
        }
        let others = || containers.values().filter(|other| other.status == ContainerStatus::Running);
        for port in &container.spec.ports {
            let held = others().any(|other| other.spec.ports.iter().any(|theirs| theirs.host == port.host));
            if held || self.taken_ports.borrow().contains(&port.host) {
                let port = format!("{}:{}", port.address, port.host);
                return Err(EngineError::PortTaken {
                    reason: format!("Bind for {port} failed: port is already allocated"),
                    port,
                });
            }
        }
        let command = container.command();
        let Some(program) = command.first() else { return Ok(ContainerStatus::Running) };
        match self.programs.borrow().get(program) {
            Some(Program::Ends(code)) => Ok(ContainerStatus::Exited { code: *code }),
            Some(Program::Echo) => Ok(ContainerStatus::Exited { code: 0 }),
            Some(_) => Ok(ContainerStatus::Running),
            // The init starts, and then finds nothing to run.
            None if container.spec.init => Ok(ContainerStatus::Exited { code: 127 }),
            None => Err(EngineError::CommandNotRun {
                command: program.clone(),
                reason: format!("exec: \"{program}\": executable file not found in $PATH"),
                code: 127,
            }),
        }
    }

    pub(super) fn read(&self, name: &str, path: &str) -> Option<Vec<u8>> {
        if path == "/proc/self/status" {
            let is_on = self.containers.borrow().get(name)?.spec.no_new_privileges;
            return Some(format!("NoNewPrivs:\t{}\n", u8::from(is_on)).into_bytes());
        }
        let containers = self.containers.borrow();
        let container = containers.get(name)?;
        match volume_of(&container.spec, path) {
            Some(volume) => self.volumes.borrow().get(volume)?.get(path).cloned(),
            None => container.files.get(path).cloned(),
        }
    }

    pub(super) fn write_tar(&self, name: &str, directory: &str, tar: &[u8]) -> Result<(), EngineError> {
        let broken = |error: std::io::Error| EngineError::Refused {
            action: "copy files into the container".into(),
            reason: error.to_string(),
        };
        let mut containers = self.containers.borrow_mut();
        let Some(container) = containers.get_mut(name) else { return Ok(()) };
        if directory.starts_with(NOWHERE) {
            return Err(broken(std::io::Error::other(format!(
                "Could not find the file {directory} in container {name}"
            ))));
        }
        for entry in tar::Archive::new(tar).entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inside = entry.path().map_err(broken)?.to_string_lossy().into_owned();
            let path = format!("{}/{inside}", directory.trim_end_matches('/'));
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            match volume_of(&container.spec, &path) {
                Some(volume) => self.volumes.borrow_mut().entry(volume.to_owned()).or_default().insert(path, bytes),
                None => container.files.insert(path, bytes),
            };
        }
        Ok(())
    }
}

/// Returns the volume that contains a path of the container.
fn volume_of<'a>(spec: &'a ContainerSpec, path: &str) -> Option<&'a str> {
    let holds = |mount: &&MountSpec| {
        let inside = path.strip_prefix(mount.target.as_str()).is_some_and(|rest| rest.starts_with('/'));
        mount.kind == MountKind::Volume && inside
    };
    spec.mounts.iter().find(holds).map(|mount| mount.source.as_str())
}
