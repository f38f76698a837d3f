//! Progress as values. Rooms emit these; only `ui` words them.

mod notice;
mod overlay;

use serde::Serialize;

pub use notice::{NameHolder, Notice, NoticeLevel, PortHolder, SetAside};
pub use overlay::{OverlayNotice, OverlayState};

/// Something that happened while a command works.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stage of the command begins.
    Stage {
        stage: Stage,
        /// What it works on: an image, a container, a package set.
        subject: String,
    },
    /// That stage ended well.
    StageDone {
        stage: Stage,
        /// What it came to: an image ID, a count.
        result: String,
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
        /// What is being done to it: `downloading`, `extracting`.
        action: String,
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
