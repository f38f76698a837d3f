//! Notices as values: facts that the user should know and that stop nothing.
//!
//! Only `ui` turns them into text.

use std::fmt;
use std::path::PathBuf;

use super::{OlderPackage, OverlayNotice, PackagesTry};

/// A notice with its facts. `ui` turns it into text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A team's rows are not used, or are old.
    Overlay(OverlayNotice),
    /// This envctl ignores a key of the manifest; `up` refuses it.
    KeyWithoutEffect(String),
    /// A file that a manifest on standard input names is not read.
    FileNotRead(String),
    /// A resolution exists but no image for it; `up` refuses it.
    NoTemplate {
        /// The renderer's error in its own sentence.
        error: String,
    },
    /// The newest check date of a row, if missing data causes a refusal.
    DataAge {
        /// The day, `2026-01-31`.
        checked: String,
    },
    /// A maintainer's tool reads the published packages of a framework.
    ReadingPublished {
        /// The framework's ID.
        framework: String,
    },
    /// A maintainer's tool compares rows with the published packages.
    ComparingReleases {
        /// The number of releases.
        count: usize,
        /// The framework's ID.
        framework: String,
    },
    /// envctl downloads uv.
    FetchingUv { version: String },
    /// Code of packages runs in a container, because nothing else says what they need.
    AskingSources,
    /// Packages are much older than in the index, because newer versions would have to be built.
    OlderWithoutBuilds(Vec<OlderPackage>),
    /// The packages refused other choices of frameworks and Python before one fitted.
    WentBack {
        /// The choices that they refused.
        tried: Vec<PackagesTry>,
        /// The choice that fits: `pytorch 2.4.1`, `Python 3.11`.
        found: Vec<String>,
    },
    /// The image got packages of the distribution, because Python packages need libraries in them.
    LibrariesAdded(Vec<NeededLibrary>),
    /// Files of the environment need libraries that nothing there provides.
    LibrariesMissing(Vec<NeededLibrary>),
    /// A framework was not imported in the build, because that needs the driver.
    NotImported {
        /// The framework's ID.
        framework: String,
        /// The library of the driver.
        library: String,
    },
    /// Another envctl holds the environment.
    Waiting,
    /// Another envctl starts a container.
    WaitingForStart,
    /// The state could not be read and was renamed.
    StateDamaged(SetAside),
    /// A container got its own name back.
    ContainerRenamed {
        /// The name that somebody gave it.
        from: String,
        /// Its own name.
        to: String,
    },
    /// The host key was restored from the environment's volume.
    HostKeyFound {
        /// The damaged file on this host, if one existed.
        damaged: Option<SetAside>,
    },
    /// A new host key was made.
    HostKeyReplaced {
        /// The damaged file of the old key.
        damaged: SetAside,
    },
    /// A key only for envctl was made for a user who has none.
    ClientKeyMade {
        /// The file of the private key.
        path: PathBuf,
    },
    /// SSH has another port than before.
    PortMoved {
        from: u16,
        to: u16,
        /// The holder of the old port.
        holder: PortHolder,
    },
    /// Something took the port for SSH between the check and the start.
    PortLost { from: u16, to: u16 },
    /// The engine is not permitted to set a limit that envctl chose.
    LimitRefused {
        /// The limit's name.
        limit: String,
        /// The engine's message.
        reason: String,
    },
    /// The machines of `[target]` can run it, and this one cannot.
    RefusedHere,
    /// The host has no GPU, and the manifest does not require one.
    NoGpu,
    /// The way in which the engine gives GPUs to containers.
    GpuRoute {
        /// The name of the way.
        route: &'static str,
    },
    /// The short name of an environment leads to another machine.
    NameHeld {
        /// The short name.
        name: String,
        holder: NameHolder,
        /// The name that leads to the environment.
        id: String,
    },
    /// `ssh NAME` asks for a passphrase.
    PassphraseNeeded { name: String },
    /// `ssh NAME` reaches the environment, and none of this account's keys is authorized.
    NotAuthorized { name: String },
    /// `ssh NAME` reaches the environment, and its login shell ends before it runs a command.
    LoginShellEnds {
        name: String,
        /// The exit code of the login.
        code: i32,
    },
    /// `ssh NAME` does not work.
    SshFails {
        name: String,
        /// The client's message.
        reason: String,
        /// Keywords that the user's configuration sets to another value.
        unheeded: Vec<String>,
    },
    /// A named volume is not removed.
    VolumeStays {
        /// The volume's name.
        volume: String,
    },
    /// An image that other containers use is not removed.
    ImageStays {
        /// The image's reference.
        image: String,
        /// The names of the containers that use it, if known.
        users: Vec<String>,
    },
    /// An optional command of the set-up failed.
    CommandFailed {
        /// The command as a user would type it.
        line: String,
        /// Its end: `exit code 1`.
        status: String,
    },
    /// The login began before the account was permitted to use the engine.
    LoginTooOld,
    /// A file of the example was written.
    Wrote(PathBuf),
    /// A base image is made locally, because no registry answers.
    NoRegistry,
}

/// The importance of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// A warning, which is never hidden.
    Warning,
    /// A short piece of information.
    Note,
    /// A detail for `-v`.
    Debug,
}

impl Notice {
    /// Returns its importance.
    #[must_use]
    pub fn level(&self) -> NoticeLevel {
        match self {
            Self::Overlay(_)
            | Self::KeyWithoutEffect(_)
            | Self::FileNotRead(_)
            | Self::NoTemplate { .. }
            | Self::StateDamaged(_)
            | Self::HostKeyFound { damaged: Some(_) }
            | Self::HostKeyReplaced { .. }
            | Self::PortMoved { .. }
            | Self::PortLost { .. }
            | Self::LimitRefused { .. }
            | Self::RefusedHere
            | Self::NoGpu
            | Self::OlderWithoutBuilds(_)
            | Self::LibrariesMissing(_)
            | Self::NotAuthorized { .. }
            | Self::LoginShellEnds { .. }
            | Self::SshFails { .. }
            | Self::CommandFailed { .. }
            | Self::LoginTooOld => NoticeLevel::Warning,
            Self::DataAge { .. }
            | Self::ReadingPublished { .. }
            | Self::ComparingReleases { .. }
            | Self::FetchingUv { .. }
            | Self::AskingSources
            | Self::WentBack { .. }
            | Self::LibrariesAdded(_)
            | Self::NotImported { .. }
            | Self::Waiting
            | Self::WaitingForStart
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

/// A library of the system that a file of the environment needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededLibrary {
    /// `libGL.so.1`
    pub library: String,
    /// The distribution's package that has it, if that is known: `libgl1`.
    pub package: Option<String>,
    /// The first file that needs it, from the virtual environment.
    pub file: String,
    /// The Python package of the file.
    pub owner: Option<String>,
}

/// A damaged file that was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub path: PathBuf,
    pub aside: PathBuf,
}

/// The holder of a host port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortHolder {
    /// A container, by its name.
    Container(String),
    /// A process of this host.
    Process {
        /// The process ID.
        pid: u32,
        /// The name of its program.
        name: String,
    },
    /// A holder that this user may not see.
    Unknown,
}

/// The words for errors about ports, which `ui` also uses.
impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "the container `{name}`"),
            Self::Process { pid, name } => write!(f, "the process `{name}` ({pid})"),
            Self::Unknown => f.write_str("another process"),
        }
    }
}

/// The holder of an environment's short name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameHolder {
    /// The configuration of the user or the system names it.
    Configuration,
    /// Another environment.
    Environment,
    /// A known machine has the name: the file (a list of known hosts or of host names) that contains it.
    Machine(PathBuf),
    /// This machine itself.
    ThisMachine,
}
