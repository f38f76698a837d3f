//! A place in memory, for tests of verbs.
//!
//! It runs environments and builds nothing.

use std::cell::{Cell, RefCell};

use tokio::io::AsyncWriteExt;

use super::{
    EnvironmentSeen, LogRequest, LogStreams, Place, Removal, RunState, Session, SessionEnd, SessionRequest,
    SessionStreams,
};
use crate::connect::{ConnectError, Endpoint};
use crate::doctor::Diagnosis;
use crate::error::{Error, Result};
use crate::host::HostFacts;
use crate::project::Environment;
use crate::reconcile::ReconcileError;
use crate::reconcile::finish::UpOutcome;
use crate::reconcile::occupants::Occupant;
use crate::reconcile::plan::{Plan, PlanOptions};
use crate::reconcile::preview::Preview;
use crate::reconcile::work::{Ask, BuildOptions};

/// The place in memory. A test sets its fields before a call and reads them after it.
#[derive(Debug, Default)]
pub struct FakePlace {
    /// The existing environments.
    pub environments: RefCell<Vec<EnvironmentSeen>>,
    /// The occupants of each running environment.
    pub occupants: RefCell<Vec<Occupant>>,
    /// The log of each environment.
    pub log: RefCell<String>,
    /// The end of every session.
    pub end: Cell<Option<SessionEnd>>,
    /// The error for the next attempt to bring an environment up.
    pub fault: RefCell<Option<Error>>,
    /// All calls, in order: `stop lab-1a2b3c4d`.
    pub calls: RefCell<Vec<String>>,
}

impl FakePlace {
    fn called(&self, call: String) {
        self.calls.borrow_mut().push(call);
    }

    fn find(&self, environment: &Environment) -> Option<EnvironmentSeen> {
        let environments = self.environments.borrow();
        environments.iter().find(|seen| seen.id == environment.id.as_str()).cloned()
    }

    fn existing(&self, environment: &Environment) -> Result<EnvironmentSeen> {
        let absent = || ReconcileError::Absent { id: environment.id.to_string() };
        Ok(self.find(environment).ok_or_else(absent)?)
    }

    fn running(&self, environment: &Environment) -> Result<EnvironmentSeen> {
        let seen = self.existing(environment)?;
        match seen.state {
            RunState::Running => Ok(seen),
            _ => Err(ReconcileError::NotRunning { id: seen.id }.into()),
        }
    }

    fn set(&self, environment: &Environment, state: RunState) {
        let mut environments = self.environments.borrow_mut();
        for seen in environments.iter_mut().filter(|seen| seen.id == environment.id.as_str()) {
            seen.state = state;
        }
    }

    /// Asks whether the occupants may be ended.
    fn vacate(&self, seen: &EnvironmentSeen, ask: &dyn Ask) -> Result<()> {
        let inside = if seen.state == RunState::Running { self.occupants.borrow().clone() } else { Vec::new() };
        ask.end(inside)
    }
}

/// An environment without a container.
#[must_use]
pub fn absent(environment: &Environment) -> EnvironmentSeen {
    EnvironmentSeen {
        id: environment.id.to_string(),
        name: environment.manifest.name.value.to_string(),
        project: Some(environment.project.root.clone()),
        state: RunState::Absent,
        container: None,
        image: None,
        started_at: None,
        ports: Vec::new(),
        endpoint: None,
    }
}

impl Place for FakePlace {
    async fn facts(&self) -> HostFacts {
        HostFacts::unknown()
    }

    async fn diagnose(&self) -> Vec<Diagnosis> {
        Vec::new()
    }

    async fn observe(&self, environment: &Environment) -> Result<EnvironmentSeen> {
        self.called(format!("observe {}", environment.id));
        Ok(self.find(environment).unwrap_or_else(|| absent(environment)))
    }

    async fn list(&self) -> Result<Vec<EnvironmentSeen>> {
        self.called("list".to_owned());
        Ok(self.environments.borrow().clone())
    }

    async fn preview(&self, environment: &Environment, _: &BuildOptions, _: PlanOptions) -> Result<Preview> {
        self.called(format!("preview {}", environment.id));
        Ok(Preview::default())
    }

    async fn bring_up(
        &self,
        environment: &Environment,
        options: &BuildOptions,
        _: PlanOptions,
        _: &dyn Ask,
    ) -> Result<UpOutcome> {
        let bases = if options.bootstrap { ", bases made there" } else { "" };
        self.called(format!("bring up {}{bases}", environment.id));
        self.fault.take().map_or(Ok(()), Err)?;
        let endpoint = self.find(environment).and_then(|seen| seen.endpoint);
        Ok(UpOutcome { plan: Plan::default(), endpoint, installed: None, gpus: Vec::new(), tried: Vec::new() })
    }

    async fn sweep(&self, environment: &Environment) -> Result<()> {
        self.called(format!("sweep {}", environment.id));
        Ok(())
    }

    async fn start(&self, environment: &Environment) -> Result<bool> {
        self.called(format!("start {}", environment.id));
        let seen = self.existing(environment)?;
        self.set(environment, RunState::Running);
        Ok(!seen.state.is_up())
    }

    async fn stop(&self, environment: &Environment, ask: &dyn Ask) -> Result<bool> {
        self.called(format!("stop {}", environment.id));
        let Some(seen) = self.find(environment) else { return Ok(false) };
        self.vacate(&seen, ask)?;
        self.set(environment, RunState::Ended { code: 143 });
        Ok(seen.state.is_up())
    }

    async fn restart(&self, environment: &Environment, ask: &dyn Ask) -> Result<()> {
        self.called(format!("restart {}", environment.id));
        self.vacate(&self.existing(environment)?, ask)?;
        self.set(environment, RunState::Running);
        Ok(())
    }

    async fn take_down(&self, environment: &Environment, removal: Removal, ask: &dyn Ask) -> Result<bool> {
        self.called(format!("take down {}: {removal:?}", environment.id));
        let seen = self.find(environment);
        if let Some(seen) = &seen {
            self.vacate(seen, ask)?;
        }
        if removal.volumes {
            ask.lose_home(&environment.id)?;
        }
        self.environments.borrow_mut().retain(|seen| seen.id != environment.id.as_str());
        Ok(seen.is_some())
    }

    async fn open_session(&self, environment: &Environment, request: &SessionRequest) -> Result<impl Session> {
        self.running(environment)?;
        self.called(format!("open session: {request:?}"));
        Ok(FakeSession { place: self })
    }

    async fn logs(&self, environment: &Environment, request: &LogRequest, streams: LogStreams) -> Result<()> {
        self.called(format!("logs {}: {request:?}", environment.id));
        self.existing(environment)?;
        let log = self.log.borrow().clone();
        let LogStreams { mut stdout, stderr: _ } = streams;
        stdout.write_all(log.as_bytes()).await.expect("a test reads what it asked for");
        Ok(())
    }

    async fn endpoint(&self, environment: &Environment) -> Result<Endpoint> {
        self.called(format!("endpoint {}", environment.id));
        Ok(self.running(environment)?.endpoint.ok_or(ConnectError::Unknown)?)
    }
}

/// A session with the end that its place contains.
struct FakeSession<'a> {
    place: &'a FakePlace,
}

impl Session for FakeSession<'_> {
    async fn join(&self, _: SessionStreams) -> Result<SessionEnd> {
        Ok(self.place.end.get().unwrap_or(SessionEnd::Command(0)))
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        self.place.called(format!("signal {signal}"));
        Ok(())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_place_in_memory_keeps_the_contract_of_places() {
    let (_home, _, environment) = super::contract::project();
    let place = FakePlace::default();
    let seen = EnvironmentSeen { state: RunState::Running, ..absent(&environment) };
    place.environments.borrow_mut().push(seen);
    super::contract::keeps_contract(&place, &environment).await;
}
