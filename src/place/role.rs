//! The operations of a place, in two roles: running environments and building their images.
//!
//! Two traits let a place run environments and build nothing.

use super::{EnvironmentSeen, LogRequest, LogStreams, Session, SessionRequest};
use crate::connect::Endpoint;
use crate::doctor::Diagnosis;
use crate::error::Result;
use crate::grants::Agreed;
use crate::host::HostFacts;
use crate::lock::Lock;
use crate::matrix::Matrix;
use crate::packages::SourceRunner;
use crate::project::Environment;
use crate::reconcile::base::Made;
use crate::reconcile::build::BuiltImage;
use crate::reconcile::finish::UpOutcome;
use crate::reconcile::plan::PlanOptions;
use crate::reconcile::preview::Preview;
use crate::reconcile::work::{Ask, BuildOptions};

/// A place where environments run.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait Place {
    /// Returns the facts of the machine that runs environments. Facts that could not be found are among its problems.
    async fn facts(&self) -> HostFacts;

    /// Returns the findings about that machine, good and bad, with their repairs.
    async fn diagnose(&self) -> Vec<Diagnosis>;

    /// Returns the state of the environment, even if it does not exist. Changes nothing.
    async fn observe(&self, environment: &Environment) -> Result<EnvironmentSeen>;

    /// Lists all environments of this place, also those of other users, by their container's name.
    async fn list(&self) -> Result<Vec<EnvironmentSeen>>;

    /// Returns the steps of [`Self::bring_up`]. Changes nothing and asks nobody.
    async fn preview(&self, environment: &Environment, options: &BuildOptions, wanted: PlanOptions) -> Result<Preview>;

    /// Brings the environment to the state that its manifest asks for.
    async fn bring_up(
        &self,
        environment: &Environment,
        options: &BuildOptions,
        wanted: PlanOptions,
        ask: &dyn Ask,
    ) -> Result<UpOutcome>;

    /// Removes the remains of an interrupted [`Self::bring_up`], unless another envctl already works on the
    /// environment.
    async fn sweep(&self, environment: &Environment) -> Result<()>;

    /// Starts a stopped environment and waits until it can be entered. Returns false if it ran already.
    async fn start(&self, environment: &Environment) -> Result<bool>;

    /// Stops the environment. Returns false if it did not run.
    async fn stop(&self, environment: &Environment, ask: &dyn Ask) -> Result<bool>;

    /// Stops the environment and starts it again. An environment that cannot be started again is not stopped.
    async fn restart(&self, environment: &Environment, ask: &dyn Ask) -> Result<()>;

    /// Removes the environment and the data in `removal`. Returns false if it did not exist.
    async fn take_down(&self, environment: &Environment, removal: Removal, ask: &dyn Ask) -> Result<bool>;

    /// Opens a session in a running environment. Its command starts when the session is joined.
    async fn open_session(&self, environment: &Environment, request: &SessionRequest) -> Result<impl Session>;

    /// Copies the environment's log until it ends; a followed log never ends. A reader that closes the stream is not
    /// an error.
    async fn logs(&self, environment: &Environment, request: &LogRequest, streams: LogStreams) -> Result<()>;

    /// Returns the SSH endpoint of a running environment.
    async fn endpoint(&self, environment: &Environment) -> Result<Endpoint>;
}

/// A place where images are built.
#[expect(async_fn_in_trait, reason = "used inside this crate on a current-thread runtime")]
pub trait ImageBuilder {
    /// Builds the environment's image if it does not exist.
    async fn build(&self, environment: &Environment, options: &BuildOptions, ask: &dyn Ask) -> Result<BuiltImage>;

    /// Returns the digest that a registry has for a base image; `None` if no registry answers.
    async fn base_digest(&self, reference: &str) -> Option<String>;

    /// Returns the place where code of packages runs, to say what they need.
    fn source_runner<'w>(&'w self, order: SourceRunnerOrder<'w>) -> Box<dyn SourceRunner + 'w>;

    /// Returns the names of the bases that are made locally from a distribution's own packages. Makes those that are
    /// missing.
    async fn make_bases(
        &self,
        environment: &Environment,
        options: &BuildOptions,
        lock: &Lock,
        matrix: &Matrix,
    ) -> Result<Made>;
}

/// What a run of code of packages depends on.
#[derive(Clone, Copy)]
pub struct SourceRunnerOrder<'a> {
    pub environment: &'a Environment,
    pub options: &'a BuildOptions,
    pub agreed: &'a Agreed<'a>,
    pub matrix: &'a Matrix,
    /// Whether bases are made locally and not pulled.
    pub bootstrapped: bool,
}

/// The data to remove with an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// Whether to remove its home directory, its keys and its state on this host.
    pub volumes: bool,
    /// Whether to remove the images that were built for it.
    pub image: bool,
}
