//! The operations of a place, in two roles: running environments and building their images.
//!
//! Two traits let a place run environments and build nothing.

use super::{EnvironmentSeen, LogRequest, LogStreams, Session, SessionRequest};
use crate::connect::Endpoint;
use crate::doctor::Diagnosis;
use crate::error::Result;
use crate::host::HostFacts;
use crate::lock::Lock;
use crate::matrix::Matrix;
use crate::project::Environment;
use crate::reconcile::base::Made;
use crate::reconcile::build::BuiltImage;
use crate::reconcile::finish::UpOutcome;
use crate::reconcile::plan::PlanOptions;
use crate::reconcile::preview::Preview;
use crate::reconcile::work::Ask;
use crate::settings;

/// Where environments run.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Place {
    /// The facts of the machine that runs environments. What could not be learned is among its problems.
    async fn facts(&self) -> HostFacts;

    /// What works and what does not on that machine, and the commands that repair it.
    async fn diagnose(&self) -> Vec<Diagnosis>;

    /// The environment as it is, whether it is there or not. Changes nothing.
    async fn observe(&self, environment: &Environment) -> Result<EnvironmentSeen>;

    /// Every environment of this place, other people's among them, by their container's name.
    async fn list(&self) -> Result<Vec<EnvironmentSeen>>;

    /// What [`Self::bring_up`] would do. Changes nothing and asks nobody.
    async fn preview(
        &self,
        environment: &Environment,
        settings: &settings::BuildSettings,
        wanted: PlanOptions,
    ) -> Result<Preview>;

    /// Brings the environment to what its manifest asks for.
    async fn bring_up(
        &self,
        environment: &Environment,
        settings: &settings::BuildSettings,
        wanted: PlanOptions,
        ask: &dyn Ask,
    ) -> Result<UpOutcome>;

    /// Removes what an interrupted [`Self::bring_up`] left, unless another envctl works on the environment already.
    async fn sweep(&self, environment: &Environment) -> Result<()>;

    /// Starts an environment that was stopped, and waits until it can be entered. False: it ran already.
    async fn start(&self, environment: &Environment) -> Result<bool>;

    /// Stops the environment. False: it did not run.
    async fn stop(&self, environment: &Environment, ask: &dyn Ask) -> Result<bool>;

    /// Stops the environment and starts it again. What can't be started again is not stopped.
    async fn restart(&self, environment: &Environment, ask: &dyn Ask) -> Result<()>;

    /// Removes the environment, and what else `removal` names. False: it was not there.
    async fn take_down(&self, environment: &Environment, removal: Removal, ask: &dyn Ask) -> Result<bool>;

    /// Opens a session in a running environment. Its command starts when the session is joined.
    async fn open_session(&self, environment: &Environment, request: &SessionRequest) -> Result<impl Session>;

    /// Copies the environment's log until it ends, or for ever where it is followed. A reader that goes away is no error.
    async fn logs(&self, environment: &Environment, request: &LogRequest, streams: LogStreams) -> Result<()>;

    /// How a running environment is entered over SSH.
    async fn endpoint(&self, environment: &Environment) -> Result<Endpoint>;
}

/// Where images are made.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ImageBuilder {
    /// Builds the environment's image where it is not there.
    async fn build(
        &self,
        environment: &Environment,
        settings: &settings::BuildSettings,
        ask: &dyn Ask,
    ) -> Result<BuiltImage>;

    /// The digest that a registry serves for a base image; none where no registry answers.
    async fn base_digest(&self, reference: &str) -> Option<String>;

    /// The names of the bases that are made here from a distribution's own packages. What is missing is made.
    async fn make_bases(
        &self,
        environment: &Environment,
        settings: &settings::BuildSettings,
        lock: &Lock,
        matrix: &Matrix,
    ) -> Result<Made>;
}

/// What is removed with an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// Its home directory, its keys and what this host remembers of it.
    pub volumes: bool,
    /// The images that were built for it.
    pub image: bool,
}
