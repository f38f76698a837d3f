//! Progress as values.
//!
//! Other rooms emit these events; only `ui` words them.

mod notice;
mod overlay;

use serde::Serialize;

pub use notice::{NameHolder, Notice, NoticeLevel, PortHolder, SetAside};
pub use overlay::{OverlayNotice, OverlayState};

/// Something that happened while a command works.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stage of the command begins. A script gets its subject in words.
    #[serde(skip)]
    Stage {
        stage: Stage,
        /// What it works on.
        subject: StageSubject,
    },
    /// That stage ended well.
    #[serde(skip)]
    StageDone {
        stage: Stage,
        /// What it came to.
        result: StageSubject,
    },
    /// A build step changed its state.
    BuildStep(BuildStep),
    /// One line that a build step printed.
    BuildLog {
        /// The step's digest.
        step: String,
        /// Without its line break.
        line: String,
    },
    /// Bytes moved (a pull, a load).
    Transfer {
        /// What moves; the key under which later reports update it.
        id: String,
        /// What is being done to it.
        action: TransferAction,
        /// So far.
        current: u64,
        /// In all, where known.
        total: Option<u64>,
    },
    /// A command of the host that is about to run, shown before it runs.
    Command {
        /// As one would type it.
        line: String,
    },
    /// Something the person should know that stops nothing. A script gets its level and its words.
    #[serde(skip)]
    Notice(Notice),
}

impl From<Notice> for Event {
    fn from(notice: Notice) -> Self {
        Self::Notice(notice)
    }
}

/// The stages that a person waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Frameworks, CUDA, driver, GPU.
    Resolve,
    /// Python packages.
    Packages,
    /// A base image made here.
    Bootstrap,
    /// The image.
    Build,
    /// The container is made.
    Create,
    /// It starts.
    Start,
    /// sshd answers.
    Connect,
    /// It stops.
    Stop,
    /// It is removed.
    Remove,
    /// The host is set up.
    Setup,
    /// Something computes inside.
    Compute,
}

/// What a stage works on, or what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageSubject {
    /// An image, a container, an environment or a command, by its name.
    Named(String),
    /// Frameworks, CUDA, Python and base.
    Stack,
    /// The frameworks chosen: `pytorch 2.4.1`.
    Frameworks(Vec<String>),
    /// The packages of a Python, by its version.
    Python(String),
    /// So many packages.
    Packages(usize),
    /// The container engine of this machine and its tools.
    EngineAndTools,
    /// This machine, by so many commands.
    Machine {
        /// How many.
        commands: usize,
    },
}

/// What is done to bytes that move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferAction {
    /// The builder gets a layer.
    Downloading,
    /// The builder unpacks one.
    Extracting,
    /// The builder gets files of this host.
    Transferring,
    /// The builder has all of it.
    Done,
    /// The engine gets a layer of an image.
    Pulling,
    /// The engine gets an image that was made here.
    Loading,
}

/// A build step as the builder reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BuildStep {
    /// The step's key: reports of one step share it.
    pub digest: String,
    /// `[stage 2/4] RUN …`
    pub name: String,
    /// Where it stands.
    pub state: StepState,
}

/// Where a build step stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum StepState {
    /// It runs.
    Running,
    /// It need not run.
    Cached,
    /// It ended well.
    Done {
        /// How long it took.
        milliseconds: u64,
    },
    /// It failed.
    Failed {
        /// The builder's words.
        error: String,
    },
}

/// Where events go. Shared by everything that runs at once on one thread.
pub trait Sink {
    /// Takes one event.
    fn emit(&self, event: Event);
}

/// Drops every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Sink for Silent {
    fn emit(&self, _: Event) {}
}
