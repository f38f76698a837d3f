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
mod network;
mod observe;
mod patience;
mod progress;
mod transfer;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
    RenameContainerOptionsBuilder, StopContainerOptionsBuilder,
};

use self::credentials::Credentials;
use self::errors::{Attempt, absent_is_fine, absent_is_none};
pub use self::patience::Patience;
use super::endpoint::{Address, EngineAddress, docker_directory};
use super::refusal::RequestSubject;
use super::{
    ContainerId, ContainerSpec, ContainerState, Engine, EngineError, EngineInfo, ExecIo, ExecOutput, ExecSpec,
    ImageBuild, ImageId, ImageState, ListedImage, LogsIo, LogsSpec, Process,
};
use crate::event::Sink;
use crate::system::System;

/// `bollard`'s own bound, which holds for the first byte alone and knows no seconds below one: out of the way of ours.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// A Docker Engine.
#[derive(Debug)]
pub struct Docker {
    client: bollard::Docker,
    address: Address,
    endpoint: String,
    credentials: Credentials,
    patience: Patience,
}

impl Docker {
    /// The engine that the flag, the environment or the docker context names. Looks at the socket, sends nothing.
    ///
    /// # Errors
    /// Where the address is none we can speak to, or its socket is not there.
    pub fn connect(system: &System, flag: Option<&str>) -> Result<Self, EngineError> {
        Self::connect_with(system, flag, Patience::default())
    }

    /// The same, with other bounds for an engine that does not answer.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub fn connect_with(system: &System, flag: Option<&str>, patience: Patience) -> Result<Self, EngineError> {
        let chosen = EngineAddress::choose(system, flag)?;
        let endpoint = chosen.address.to_string();
        let seconds = NEVER.as_secs();
        let client = match &chosen.address {
            Address::Unix(_) => bollard::Docker::connect_with_unix(&endpoint, seconds, bollard::API_DEFAULT_VERSION),
            Address::Tcp(_) => bollard::Docker::connect_with_http(&endpoint, seconds, bollard::API_DEFAULT_VERSION),
        };
        let client = client.map_err(|error| errors::connecting(&error, &endpoint))?;
        let credentials = Credentials::new(docker_directory(system));
        Ok(Self { client, address: chosen.address, endpoint, credentials, patience })
    }

    /// The whole answer to a request, or an error where it does not come in time.
    async fn within<T>(
        &self,
        limit: Duration,
        action: &str,
        subject: RequestSubject<'_>,
        request: impl Future<Output = Result<T, bollard::errors::Error>>,
    ) -> Result<T, EngineError> {
        match tokio::time::timeout(limit, request).await {
            Ok(answer) => answer.map_err(|error| self.attempt(action, subject).failed(error)),
            Err(_) => Err(self.silent(action, limit)),
        }
    }

    fn silent(&self, action: &str, waited: Duration) -> EngineError {
        EngineError::Silent { endpoint: self.endpoint.clone(), action: action.to_owned(), waited }
    }

    fn attempt<'a>(&'a self, action: &'a str, subject: RequestSubject<'a>) -> Attempt<'a> {
        Attempt { endpoint: &self.endpoint, action, subject }
    }
}

impl Engine for Docker {
    async fn describe(&self) -> Result<EngineInfo, EngineError> {
        let both = async {
            let (version, info) = futures_util::future::join(self.client.version(), self.client.info()).await;
            Ok((version?, info?))
        };
        let (version, info) = self.within(self.patience.usual, "describe itself", RequestSubject::Engine, both).await?;
        Ok(observe::engine(version, info, &self.endpoint))
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    async fn list(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ContainerState>, EngineError> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&by_label(labels)).build();
        let list = self.client.list_containers(Some(options));
        let found = self.within(self.patience.usual, "list the containers", RequestSubject::Engine, list).await?;
        Ok(found.into_iter().map(observe::listed).collect())
    }

    async fn inspect(&self, container: &str) -> Result<Option<ContainerState>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_container(container, None).await) };
        let subject = RequestSubject::Container(container);
        let found = self.within(self.patience.usual, "inspect the container", subject, inspect).await?;
        Ok(found.map(observe::container))
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageState>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_image(reference).await) };
        let found =
            self.within(self.patience.usual, "inspect the image", RequestSubject::Image(reference), inspect).await?;
        Ok(found.map(observe::image))
    }

    async fn images(&self, labels: &[(&str, Option<&str>)]) -> Result<Vec<ListedImage>, EngineError> {
        let options = ListImagesOptionsBuilder::new().filters(&by_label(labels)).build();
        let list = self.client.list_images(Some(options));
        let found = self.within(self.patience.usual, "list the images", RequestSubject::Engine, list).await?;
        Ok(found.into_iter().map(observe::listed_image).collect())
    }

    async fn volume_labels(&self, volume: &str) -> Result<Option<BTreeMap<String, String>>, EngineError> {
        let inspect = async { absent_is_none(self.client.inspect_volume(volume).await) };
        let found =
            self.within(self.patience.usual, "inspect the volume", RequestSubject::Volume(volume), inspect).await?;
        Ok(found.map(|found| found.labels.into_iter().collect()))
    }

    async fn registry_digest(&self, reference: &str) -> Result<String, EngineError> {
        let credentials = self.credentials.of_reference(reference).await;
        let ask = self.client.inspect_registry_image(reference, credentials);
        let subject = RequestSubject::Image(reference);
        let found = self.within(self.patience.work, "ask the registry for the image", subject, ask).await?;
        found.descriptor.digest.ok_or_else(|| EngineError::NoImage {
            reference: reference.to_owned(),
            reason: "the registry names no digest".into(),
        })
    }

    async fn pull(&self, reference: &str, sink: &dyn Sink) -> Result<(), EngineError> {
        self.pull_image(reference, sink).await
    }

    async fn build(&self, build: &ImageBuild, sink: &dyn Sink) -> Result<ImageId, EngineError> {
        self.run_build(build, sink).await
    }

    async fn load(&self, archive: &Path, sink: &dyn Sink) -> Result<(), EngineError> {
        self.load_archive(archive, sink).await
    }

    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError> {
        self.make_isolated(name).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let create = self.client.create_container(Some(options), create::body(spec));
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

    async fn upload(&self, container: &str, directory: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        self.upload_tar(container, directory, tar).await
    }

    async fn download(&self, container: &str, file: &str, limit: u64) -> Result<Option<Vec<u8>>, EngineError> {
        self.download_file(container, file, limit).await
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
        // `v` removes anonymous volumes only: nobody could name them again.
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let remove = async { absent_is_fine(self.client.remove_container(container, Some(options)).await) };
        self.within(self.patience.work, "remove the container", RequestSubject::Container(container), remove).await
    }

    async fn remove_volume(&self, volume: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::new().build();
        let remove = async { absent_is_fine(self.client.remove_volume(volume, Some(options)).await) };
        self.within(self.patience.work, "remove the volume", RequestSubject::Volume(volume), remove).await
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::new().build();
        let remove =
            async { absent_is_fine(self.client.remove_image(reference, Some(options), None).await.map(|_| ())) };
        self.within(self.patience.work, "remove the image", RequestSubject::Image(reference), remove).await
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
        let options = bollard::query_parameters::TopOptionsBuilder::new().ps_args("-eo pid,ppid,sid,user,args").build();
        let action = "list the container's processes";
        let top = self.client.top_processes(container, Some(options));
        let found = self.within(self.patience.usual, action, RequestSubject::Container(container), top).await;
        let found = found.map_err(|error| match error {
            // The engine runs `ps` on its own host, and it is that one that is missing.
            EngineError::CommandNotRun { reason, .. } => EngineError::Refused { action: action.into(), reason },
            other => other,
        })?;
        Ok(observe::processes(found))
    }
}

/// A filter of what the engine lists: all of these labels.
fn by_label(labels: &[(&str, Option<&str>)]) -> HashMap<String, Vec<String>> {
    let labels =
        labels.iter().map(|(name, value)| value.map_or_else(|| (*name).into(), |value| format!("{name}={value}")));
    [("label".to_owned(), labels.collect())].into()
}
