//! Docker Engine 20.10 and newer, through `bollard`.
//!
//! `bollard` sends no API version, so the engine answers with its own newest: nothing is negotiated and no call is spent
//! on it. `/version` and `/info` are asked in `describe` alone, as each costs the engine about 10 ms. Podman's
//! Docker-compatible service is recognised there and named, not supported: it takes a GPU request and ignores it.

mod build;
mod create;
mod credentials;
mod errors;
mod exec;
mod hijack;
mod observe;
mod progress;
mod transfer;

use std::path::Path;
use std::time::Duration;

use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder, StopContainerOptionsBuilder,
};

use self::credentials::Credentials;
use self::errors::{Attempt, absent_is_fine, absent_is_none};
use super::endpoint::{Address, Endpoint, docker_directory};
use super::refusal::Subject;
use super::{
    ContainerId, ContainerSpec, ContainerState, Engine, EngineError, EngineInfo, ExecIo, ExecOutput, ExecSpec,
    ImageBuild, ImageId, ImageState, LogsIo, LogsSpec, Process,
};
use crate::event::Sink;
use crate::system::System;

/// Until the first byte of an answer. An engine under load takes seconds to start a container; a minute is a hang.
const USUAL: Duration = Duration::from_mins(1);

/// For what takes as long as it takes: unpacking an image, a registry far away, a stop with grace.
const PATIENT: Duration = Duration::from_hours(1);

/// A Docker Engine.
#[derive(Debug)]
pub struct Docker {
    client: bollard::Docker,
    address: Address,
    endpoint: String,
    credentials: Credentials,
}

impl Docker {
    /// The engine that the flag, the environment or the docker context names. Looks at the socket, sends nothing.
    ///
    /// # Errors
    /// Where the address is none we can speak to, or its socket is not there.
    pub fn connect(system: &System, flag: Option<&str>) -> Result<Self, EngineError> {
        let chosen = Endpoint::choose(system, flag)?;
        let endpoint = chosen.address.to_string();
        let seconds = USUAL.as_secs();
        let client = match &chosen.address {
            Address::Unix(_) => bollard::Docker::connect_with_unix(&endpoint, seconds, bollard::API_DEFAULT_VERSION),
            Address::Tcp(_) => bollard::Docker::connect_with_http(&endpoint, seconds, bollard::API_DEFAULT_VERSION),
        };
        let client = client.map_err(|error| errors::connecting(&error, &endpoint))?;
        let credentials = Credentials::new(docker_directory(system));
        Ok(Self { client, address: chosen.address, endpoint, credentials })
    }

    fn patient(&self) -> bollard::Docker {
        self.client.clone().with_timeout(PATIENT)
    }

    fn attempt<'a>(&'a self, action: &'a str, subject: Subject<'a>) -> Attempt<'a> {
        Attempt { endpoint: &self.endpoint, action, subject }
    }
}

impl Engine for Docker {
    async fn describe(&self) -> Result<EngineInfo, EngineError> {
        let attempt = self.attempt("describe itself", Subject::Engine);
        let (version, info) = futures_util::future::join(self.client.version(), self.client.info()).await;
        let version = version.map_err(|error| attempt.failed(error))?;
        let info = info.map_err(|error| attempt.failed(error))?;
        Ok(observe::engine(version, info, &self.endpoint))
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError> {
        let labels =
            labels.iter().map(|(name, value)| value.map_or_else(|| (*name).into(), |value| format!("{name}={value}")));
        let filters = [("label".to_owned(), labels.collect::<Vec<String>>())].into();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let found = self.client.list_containers(Some(options)).await;
        let found = found.map_err(|error| self.attempt("list the containers", Subject::Engine).failed(error))?;
        Ok(found.into_iter().map(observe::listed).collect())
    }

    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError> {
        let found = self.client.inspect_container(container, None).await;
        let found = absent_is_none(found)
            .map_err(|error| self.attempt("inspect the container", Subject::Container(container)).failed(error))?;
        Ok(found.map(observe::container))
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError> {
        let found = self.client.inspect_image(reference).await;
        let found = absent_is_none(found)
            .map_err(|error| self.attempt("inspect the image", Subject::Image(reference)).failed(error))?;
        Ok(found.map(observe::image))
    }

    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError> {
        let attempt = self.attempt("ask the registry for the image", Subject::Image(reference));
        let credentials = self.credentials.of_reference(reference).await;
        let found = self.patient().inspect_registry_image(reference, credentials).await;
        let found = found.map_err(|error| attempt.failed(error))?;
        found.descriptor.digest.ok_or_else(|| EngineError::NoImage {
            reference: reference.to_owned(),
            reason: "the registry names no digest".into(),
        })
    }

    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        self.run_build(build, sink).await
    }

    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        self.load_archive(archive, sink).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let made = self.client.create_container(Some(options), create::body(spec)).await;
        let made = made.map_err(|error| {
            match self.attempt("create the container", Subject::Container(&spec.name)).failed(error) {
                EngineError::NoImage { reason, .. } => EngineError::NoImage { reference: spec.image.clone(), reason },
                other => other,
            }
        })?;
        Ok(ContainerId(made.id))
    }

    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        self.upload_tar(container, directory, tar).await
    }

    async fn start(&self, container: &str) -> Result<(), EngineError> {
        let started = self.patient().start_container(container, None).await;
        started.map_err(|error| self.attempt("start the container", Subject::Container(container)).failed(error))
    }

    async fn stop(&self, container: &str, grace: u32) -> Result<(), EngineError> {
        let grace = i32::try_from(grace).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(grace).build();
        let stopped = self.patient().stop_container(container, Some(options)).await;
        stopped.map_err(|error| self.attempt("stop the container", Subject::Container(container)).failed(error))
    }

    async fn remove(&self, container: &str) -> Result<(), EngineError> {
        // `v` removes anonymous volumes only: nobody could name them again.
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = self.patient().remove_container(container, Some(options)).await;
        absent_is_fine(removed)
            .map_err(|error| self.attempt("remove the container", Subject::Container(container)).failed(error))
    }

    async fn has_volume(&self, volume: &str) -> Result<bool, EngineError> {
        let found = self.client.inspect_volume(volume).await;
        let found = absent_is_none(found)
            .map_err(|error| self.attempt("inspect the volume", Subject::Volume(volume)).failed(error))?;
        Ok(found.is_some())
    }

    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::new().build();
        let removed = self.patient().remove_volume(volume, Some(options)).await;
        absent_is_fine(removed)
            .map_err(|error| self.attempt("remove the volume", Subject::Volume(volume)).failed(error))
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::new().build();
        let removed = self.patient().remove_image(reference, Some(options), None).await;
        absent_is_fine(removed.map(|_| ()))
            .map_err(|error| self.attempt("remove the image", Subject::Image(reference)).failed(error))
    }

    async fn exec(&self, container: &str, exec: &ExecSpec, io: ExecIo) -> Result<i64, EngineError> {
        self.run_exec(container, exec, io).await
    }

    async fn exec_output(&self, container: &str, exec: &ExecSpec) -> Result<ExecOutput, EngineError> {
        self.collect_exec(container, exec).await
    }

    async fn logs(&self, container: &str, logs: &LogsSpec, io: LogsIo) -> Result<(), EngineError> {
        self.copy_logs(container, logs, io).await
    }

    async fn processes(&self, container: &str) -> Result<Vec<Process>, EngineError> {
        let options = bollard::query_parameters::TopOptionsBuilder::new().ps_args("-eo pid,ppid,user,args").build();
        let action = "list the container's processes";
        let found = self.client.top_processes(container, Some(options)).await;
        let found = found.map_err(|error| match self.attempt(action, Subject::Container(container)).failed(error) {
            // The engine runs `ps` on its own host, and it is that one that is missing.
            EngineError::CommandNotRun { reason, .. } => EngineError::Refused { action: action.into(), reason },
            other => other,
        })?;
        Ok(observe::processes(found))
    }
}
