//! Progress as values.
//!
//! Other rooms emit these events; only `ui` turns them into text.

mod notice;
mod older_package;
mod overlay;
mod packages_try;

use serde::Serialize;

pub use notice::{NameHolder, NeededLibrary, Notice, NoticeLevel, PortHolder, SetAside};
pub use older_package::OlderPackage;
pub use overlay::{OverlayNotice, OverlayState};
pub use packages_try::PackagesTry;

/// Something that happens while a command works.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stage of the command begins. Scripts get its subject as text.
    #[serde(skip)]
    Stage { stage: Stage, subject: StageSubject },
    /// The stage succeeded.
    #[serde(skip)]
    StageDone { stage: Stage, result: StageSubject },
    /// A build step changed its state.
    BuildStep(BuildStep),
    /// One line that a build step printed.
    BuildLog {
        /// The step's digest.
        step: String,
        /// The text without its line break.
        line: String,
    },
    /// Bytes were transferred (a pull, a load).
    Transfer {
        /// The ID of the transfer; later reports with the same ID update it.
        id: String,
        /// The action on the bytes.
        action: TransferAction,
        /// The bytes so far.
        current: u64,
        /// The bytes in all, if known.
        total: Option<u64>,
    },
    /// A command of the host is about to run; it is shown before it runs.
    Command {
        /// The command as a user would type it.
        line: String,
    },
    /// A notice for the user that stops nothing. Scripts get its level and its text.
    #[serde(skip)]
    Notice(Notice),
}

impl From<Notice> for Event {
    fn from(notice: Notice) -> Self {
        Self::Notice(notice)
    }
}

/// The stages that a user waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Frameworks, CUDA, driver and GPU are resolved.
    Resolve,
    /// Python packages are resolved.
    Packages,
    /// A base image is made locally.
    Bootstrap,
    /// The image is built.
    Build,
    /// The container is created.
    Create,
    /// The container starts.
    Start,
    /// envctl waits for sshd.
    Connect,
    /// The container stops.
    Stop,
    /// The container is removed.
    Remove,
    /// The host is set up.
    Setup,
    /// A program computes in the container.
    Compute,
    /// The environment is proven from inside.
    Verify,
}

/// The subject or the result of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageSubject {
    /// An image, a container, an environment or a command, by its name.
    Named(String),
    /// Frameworks, CUDA, Python and base.
    Stack,
    /// The chosen frameworks: `pytorch 2.4.1`.
    Frameworks(Vec<String>),
    /// The packages for a Python of this version.
    Python(String),
    /// The number of packages.
    Packages(usize),
    /// The shared libraries and the frameworks of an environment.
    LibrariesAndFrameworks,
    /// The container engine of this machine and its tools.
    EngineAndTools,
    /// This machine, and the number of commands.
    Machine {
        /// The number of commands.
        commands: usize,
    },
}

/// The action of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferAction {
    /// The builder downloads a layer.
    Downloading,
    /// The builder unpacks a layer.
    Extracting,
    /// The builder receives files of this host.
    Transferring,
    /// The transfer is complete.
    Done,
    /// The engine downloads a layer of an image.
    Pulling,
    /// The engine loads an image that was made locally.
    Loading,
}

/// A build step as the builder reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BuildStep {
    /// The step's key in all its reports.
    pub digest: String,
    /// `[stage 2/4] RUN …`
    pub name: String,
    /// The present state.
    pub state: StepState,
}

/// The state of a build step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StepState {
    /// The step runs.
    Running,
    /// The result is in the cache.
    Cached,
    /// The step succeeded.
    Done {
        /// The duration in milliseconds.
        milliseconds: u64,
    },
    Failed {
        /// The builder's message.
        error: String,
    },
}

/// A receiver of events. All concurrent work on one thread shares it.
pub trait Sink {
    /// Receives one event.
    fn emit(&self, event: Event);
}

/// A sink that drops every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Sink for Silent {
    fn emit(&self, _: Event) {}
}
