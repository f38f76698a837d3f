//! Notices as values: facts that the user should know and that stop nothing.
//!
//! Only `ui` words them.

use std::fmt;
use std::path::PathBuf;

use super::OverlayNotice;

/// Something to know, with its facts. `ui` has the words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Rows of a team are not used, or are old.
    Overlay(OverlayNotice),
    /// This envctl reads a key of the manifest and does nothing with it; `up` refuses it.
    KeyWithoutEffect(String),
    /// There is an answer and no image for it: `up` refuses it.
    NoTemplate {
        /// The error of the renderer, in its own sentence.
        error: String,
    },
    /// The newest check of a row of the compatibility data, where an answer is a no for want of data.
    DataAge {
        /// The day, `2026-01-31`.
        checked: String,
    },
    /// A maintainer's tool reads what is published of a framework.
    ReadingPublished {
        /// Its ID.
        framework: String,
    },
    /// A maintainer's tool compares rows with what is published.
    ComparingReleases {
        /// How many.
        count: usize,
        /// The framework's ID.
        framework: String,
    },
    /// uv is fetched.
    FetchingUv {
        /// Its version.
        version: String,
    },
    /// Another envctl holds the environment.
    Waiting,
    /// The state could not be read, and was set aside.
    StateDamaged(SetAside),
    /// A container has its name again.
    ContainerRenamed {
        /// The name that somebody gave it.
        from: String,
        /// Its own.
        to: String,
    },
    /// The host key is the one of the environment's volume again.
    HostKeyFound {
        /// What was kept here was damaged.
        damaged: Option<SetAside>,
    },
    /// The host key is a new one.
    HostKeyReplaced {
        /// What was kept here before.
        damaged: SetAside,
    },
    /// A key for envctl alone was made for a person who has none.
    ClientKeyMade {
        /// The private key.
        path: PathBuf,
    },
    /// SSH has another port than before.
    PortMoved {
        /// The port before.
        from: u16,
        /// The port now.
        to: u16,
        /// Who has the port of before.
        holder: PortHolder,
    },
    /// The port for SSH was taken between the look and the start.
    PortLost {
        /// The port before.
        from: u16,
        /// The port now.
        to: u16,
    },
    /// The engine is not permitted to set a limit that envctl chose.
    LimitRefused {
        /// The limit's name.
        limit: String,
        /// The engine's words.
        reason: String,
    },
    /// The machines of `[target]` run it, and this one does not.
    RefusedHere,
    /// The host has no GPU and the manifest can do without.
    NoGpu,
    /// How the engine gives containers a GPU.
    GpuRoute {
        /// The name of the way.
        route: String,
    },
    /// The short name of an environment leads to something else.
    NameHeld {
        /// The short name.
        name: String,
        /// Who has it.
        holder: NameHolder,
        /// The name that leads to the environment.
        id: String,
    },
    /// `ssh NAME` asks for a passphrase.
    PassphraseNeeded {
        /// The name.
        name: String,
    },
    /// `ssh NAME` leads to the environment, and no key of this account is authorized.
    NotAuthorized {
        /// The name.
        name: String,
    },
    /// `ssh NAME` leads to the environment, and its login shell ends before it runs a command.
    LoginShellEnds {
        /// The name.
        name: String,
        /// The exit code of the login.
        code: i32,
    },
    /// `ssh NAME` does not work.
    SshFails {
        /// The name.
        name: String,
        /// The client's words.
        reason: String,
        /// Keywords to which the person's configuration gives another value.
        unheeded: Vec<String>,
    },
    /// A named volume is not removed.
    VolumeStays {
        /// Its name.
        volume: String,
    },
    /// An image that others use is not removed.
    ImageStays {
        /// Its reference.
        image: String,
        /// The names of the containers that use it, where they are known.
        users: Vec<String>,
    },
    /// A command of the set-up that may fail did.
    CommandFailed {
        /// As one would type it.
        line: String,
        /// How it ended: `exit code 1`.
        status: String,
    },
    /// The login began before the account was permitted to use the engine.
    LoginTooOld,
    /// A file of the example was written.
    Wrote(PathBuf),
    /// A base image is made here, because no registry answers.
    NoRegistry,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Never hidden.
    Warning,
    /// Worth saying in passing.
    Note,
    /// For `-v`.
    Debug,
}

impl Notice {
    /// How much it matters.
    #[must_use]
    pub fn level(&self) -> NoticeLevel {
        match self {
            Self::Overlay(_)
            | Self::KeyWithoutEffect(_)
            | Self::NoTemplate { .. }
            | Self::StateDamaged(_)
            | Self::HostKeyFound { damaged: Some(_) }
            | Self::HostKeyReplaced { .. }
            | Self::PortMoved { .. }
            | Self::PortLost { .. }
            | Self::LimitRefused { .. }
            | Self::RefusedHere
            | Self::NoGpu
            | Self::NotAuthorized { .. }
            | Self::LoginShellEnds { .. }
            | Self::SshFails { .. }
            | Self::CommandFailed { .. }
            | Self::LoginTooOld => NoticeLevel::Warning,
            Self::DataAge { .. }
            | Self::ReadingPublished { .. }
            | Self::ComparingReleases { .. }
            | Self::FetchingUv { .. }
            | Self::Waiting
            | Self::ContainerRenamed { .. }
            | Self::HostKeyFound { damaged: None }
            | Self::NameHeld { .. }
            | Self::PassphraseNeeded { .. }
            | Self::VolumeStays { .. }
            | Self::ImageStays { .. }
            | Self::Wrote(_)
            | Self::NoRegistry => NoticeLevel::Note,
            Self::ClientKeyMade { .. } | Self::GpuRoute { .. } => NoticeLevel::Debug,
        }
    }
}

/// A damaged file that was given another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it was.
    pub path: PathBuf,
    /// Where it is now.
    pub aside: PathBuf,
}

/// Who has a port of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortHolder {
    /// A container, by its name.
    Container(String),
    /// A process of this host.
    Process {
        /// Its number.
        pid: u32,
        /// Its program.
        name: String,
    },
    /// Something whose owner this user may not see.
    Unknown,
}

/// The words of errors about ports, which `ui` shares.
impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "the container `{name}`"),
            Self::Process { pid, name } => write!(f, "the process `{name}` ({pid})"),
            Self::Unknown => f.write_str("another process"),
        }
    }
}

/// Who has the short name of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameHolder {
    /// The person's SSH configuration, or the system's, says something of it.
    Configuration,
    /// Another environment.
    Environment,
    /// A machine of that name has been entered before, or is in the machine's table of hosts: the file that says so.
    Machine(PathBuf),
    /// It is this machine itself.
    ThisMachine,
}
