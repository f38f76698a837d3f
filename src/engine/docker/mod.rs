//! Docker Engine 20.10 and newer, through `bollard`.
//!
//! `bollard` sends no API version, so the engine answers with its newest one; envctl negotiates nothing and saves
//! that call. Only `describe` asks `/version` and `/info`, because each costs the engine about 10 ms. `describe`
//! recognises and names Podman's Docker-compatible service. That service is not supported: it accepts a GPU request
//! and ignores it.

mod build;
mod container_inside;
mod container_life;
mod create;
mod credentials;
mod errors;
mod exec;
mod hijack;
mod image_store;
mod network;
mod observe;
mod patience;
mod progress;
mod refusal;
mod transfer;
mod volume_store;

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use self::credentials::Credentials;
use self::errors::Attempt;
pub use self::patience::Patience;
use self::refusal::RequestSubject;
use super::endpoint::{Address, EngineAddress, docker_directory};
use super::{AddressOrigin, Engine, EngineError, EngineInfo};
use crate::system::System;

/// `bollard`'s own time limit. It covers only the first byte and whole seconds, so it is set out of the way of
/// envctl's limits.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// A Docker Engine.
#[derive(Debug)]
pub struct Docker {
    client: bollard::Docker,
    address: Address,
    origin: AddressOrigin,
    endpoint: String,
    credentials: Credentials,
    patience: Patience,
}

impl Docker {
    /// Opens the engine that the flag, the environment or the docker context names. Looks at the socket and sends
    /// nothing.
    ///
    /// # Errors
    /// envctl cannot use the address, or its socket does not exist.
    pub fn connect(system: &System, flag: Option<&str>) -> Result<Self, EngineError> {
        Self::connect_with(system, flag, Patience::default())
    }

    /// [`Self::connect`] with other time limits for an engine that does not answer.
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
        let client = client.map_err(|error| errors::connecting(&error, &endpoint, &chosen.origin))?;
        let credentials = Credentials::new(docker_directory(system));
        let EngineAddress { address, origin } = chosen;
        Ok(Self { client, address, origin, endpoint, credentials, patience })
    }

    /// Waits for the whole answer to a request; an answer that is late is an error.
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
        Attempt { endpoint: &self.endpoint, origin: &self.origin, action, subject }
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

    async fn ensure_isolated_network(&self, name: &str) -> Result<(), EngineError> {
        self.make_isolated(name).await
    }
}

/// A filter for the engine's lists: all of these labels.
fn by_label(labels: &[(&str, Option<&str>)]) -> HashMap<String, Vec<String>> {
    let labels =
        labels.iter().map(|(name, value)| value.map_or_else(|| (*name).into(), |value| format!("{name}={value}")));
    [("label".to_owned(), labels.collect())].into()
}
