//! The place that is this machine, through its container engine.
//!
//! This is the only file that opens an engine.

mod container;
mod machine;
mod removal;
mod session;

use std::cell::Cell;

use super::{
    EnvironmentSeen, ImageBuilder, LogRequest, LogStreams, Place, Removal, Session, SessionRequest, SourceRunnerOrder,
};
use crate::connect::{ConnectError, Endpoint};
use crate::doctor::Diagnosis;
use crate::engine::docker::Docker;
use crate::engine::{ContainerState, Engine, EngineError, LogsIo, LogsSpec};
use crate::error::{Error, Result};
use crate::event::Sink;
use crate::host::HostFacts;
use crate::lock::Lock;
use crate::matrix::Matrix;
use crate::packages::SourceRunner;
use crate::project::Environment;
use crate::reconcile::base::{self, Made};
use crate::reconcile::build::{self, BuiltImage};
use crate::reconcile::desired::ID_LABEL;
use crate::reconcile::finish::UpOutcome;
use crate::reconcile::plan::PlanOptions;
use crate::reconcile::preview::{self, Preview};
use crate::reconcile::source_needs::SourceNeeds;
use crate::reconcile::work::{Ask, BuildOptions, Effects, Work};
use crate::reconcile::{ReconcileError, held, lifecycle, up};
use crate::system::System;

pub use self::machine::diagnose_unopened;
use self::removal::EnvironmentEnd;

/// The place that is this machine.
pub struct LocalPlace<'a, E> {
    engine: E,
    system: &'a System,
    sink: &'a dyn Sink,
}

impl<'a> LocalPlace<'a, Docker> {
    /// Opens the Docker Engine that the flag, the environment or the docker context names. Sends nothing.
    ///
    /// # Errors
    /// The address cannot be used, or its socket does not exist.
    pub fn open(system: &'a System, flag: Option<&str>, sink: &'a dyn Sink) -> Result<Self> {
        Ok(Self { engine: Docker::connect(system, flag)?, system, sink })
    }
}

impl<E: Engine> LocalPlace<'_, E> {
    fn work<'w>(&'w self, environment: &'w Environment, options: &'w BuildOptions) -> Work<'w, E> {
        Work { engine: &self.engine, system: self.system, environment, options, sink: self.sink }
    }

    async fn find(&self, environment: &Environment) -> Result<Option<ContainerState>> {
        lifecycle::find_container(&self.engine, &environment.id).await
    }

    /// Returns the environment's container in any state; a missing one is an error.
    async fn existing(&self, environment: &Environment) -> Result<ContainerState> {
        let absent = || ReconcileError::Absent { id: environment.id.to_string() };
        Ok(self.find(environment).await?.ok_or_else(absent)?)
    }
}

impl<E: Engine> Place for LocalPlace<'_, E> {
    async fn facts(&self) -> HostFacts {
        machine::facts(self.system, &self.engine).await
    }

    async fn diagnose(&self) -> Vec<Diagnosis> {
        let described = self.engine.describe().await.map_err(Error::from);
        machine::diagnose(self.system, self.engine.endpoint(), described)
    }

    async fn observe(&self, environment: &Environment) -> Result<EnvironmentSeen> {
        Ok(container::of_project(environment, self.find(environment).await?.as_ref()))
    }

    async fn list(&self) -> Result<Vec<EnvironmentSeen>> {
        let mut containers = self.engine.list(&[(ID_LABEL, None)]).await?;
        containers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(containers.iter().map(|found| container::of_host(self.system, found)).collect())
    }

    async fn preview(&self, environment: &Environment, options: &BuildOptions, wanted: PlanOptions) -> Result<Preview> {
        preview::preview(&self.work(environment, options), wanted).await
    }

    async fn bring_up(
        &self,
        environment: &Environment,
        options: &BuildOptions,
        wanted: PlanOptions,
        ask: &dyn Ask,
    ) -> Result<UpOutcome> {
        let _held = environment.hold(self.sink).await?;
        Box::pin(up::up(&self.work(environment, options), wanted, ask)).await
    }

    async fn sweep(&self, environment: &Environment) -> Result<()> {
        let Some(_held) = environment.hold_if_free()? else { return Ok(()) };
        lifecycle::remove_unstarted(&self.engine, &environment.id).await
    }

    async fn start(&self, environment: &Environment) -> Result<bool> {
        let _held = environment.hold(self.sink).await?;
        let endpoint = lifecycle::stored_endpoint(&environment.state()?);
        let container = self.existing(environment).await?;
        let starts = !container.status.is_up();
        if starts {
            lifecycle::start_and_wait(&self.engine, self.system, &container, endpoint.as_ref(), self.sink).await?;
        }
        Ok(starts)
    }

    async fn stop(&self, environment: &Environment, ask: &dyn Ask) -> Result<bool> {
        let _held = environment.hold(self.sink).await?;
        let Some(container) = self.find(environment).await? else { return Ok(false) };
        ask.end(lifecycle::list_occupants(&self.engine, &container).await?)?;
        lifecycle::stop_container(&self.engine, &container, self.sink).await?;
        Ok(container.status.is_up())
    }

    async fn restart(&self, environment: &Environment, ask: &dyn Ask) -> Result<()> {
        let _held = environment.hold(self.sink).await?;
        let endpoint = lifecycle::stored_endpoint(&environment.state()?);
        let container = self.existing(environment).await?;
        // This check comes before the stop, so that an environment which cannot be started again keeps running.
        held::check_container(&self.engine, &container).await?;
        ask.end(lifecycle::list_occupants(&self.engine, &container).await?)?;
        lifecycle::stop_container(&self.engine, &container, self.sink).await?;
        lifecycle::start_and_wait(&self.engine, self.system, &container, endpoint.as_ref(), self.sink).await
    }

    async fn take_down(&self, environment: &Environment, removal: Removal, ask: &dyn Ask) -> Result<bool> {
        let _held = environment.hold(self.sink).await?;
        let container = self.find(environment).await?;
        if let Some(container) = &container {
            ask.end(lifecycle::list_occupants(&self.engine, container).await?)?;
        }
        if removal.volumes {
            ask.lose_home(&environment.id)?;
        }
        let Self { engine, system, sink } = self;
        EnvironmentEnd { engine, system, environment, container: container.as_ref(), sink: *sink }
            .carry_out(removal)
            .await?;
        Ok(container.is_some())
    }

    async fn open_session(&self, environment: &Environment, request: &SessionRequest) -> Result<impl Session> {
        let container = lifecycle::find_running(&self.engine, &environment.id).await?;
        Ok(session::LocalSession::new(&self.engine, self.system, &container, request))
    }

    async fn logs(&self, environment: &Environment, request: &LogRequest, streams: LogStreams) -> Result<()> {
        let container = self.existing(environment).await?;
        let LogRequest { follow, tail, timestamps } = *request;
        let LogStreams { stdout, stderr } = streams;
        let asked = LogsSpec { follow, tail, timestamps };
        match self.engine.logs(&container.id.0, &asked, LogsIo { stdout, stderr }).await {
            Ok(()) | Err(EngineError::OutputClosed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn endpoint(&self, environment: &Environment) -> Result<Endpoint> {
        lifecycle::find_running(&self.engine, &environment.id).await?;
        Ok(lifecycle::stored_endpoint(&environment.state()?).ok_or(ConnectError::Unknown)?)
    }
}

impl<E: Engine> ImageBuilder for LocalPlace<'_, E> {
    async fn build(&self, environment: &Environment, options: &BuildOptions, ask: &dyn Ask) -> Result<BuiltImage> {
        let _held = environment.hold(self.sink).await?;
        build::build_image(&self.work(environment, options), ask).await
    }

    async fn base_digest(&self, reference: &str) -> Option<String> {
        self.engine.registry_digest(reference).await.ok()
    }

    fn source_runner<'w>(&'w self, order: SourceRunnerOrder<'w>) -> Box<dyn SourceRunner + 'w> {
        let SourceRunnerOrder { environment, options, agreed, matrix, bootstrapped } = order;
        let work = self.work(environment, options);
        Box::new(SourceNeeds { work, agreed, matrix, bootstrapped, asked: Cell::new(0) })
    }

    async fn make_bases(
        &self,
        environment: &Environment,
        options: &BuildOptions,
        lock: &Lock,
        matrix: &Matrix,
    ) -> Result<Made> {
        base::make_bases(&self.work(environment, options), lock, matrix, Effects::Allowed).await
    }
}

#[cfg(test)]
mod tests;
