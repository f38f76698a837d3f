//! An environment as a place reports it.
//!
//! These types name no engine, so that verbs and `ui` work with every place.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::connect::Endpoint;
use crate::manifest::Protocol;

/// An environment as its place reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSeen {
    pub id: String,
    pub name: String,
    /// The project's directory, if this host knows it.
    pub project: Option<PathBuf>,
    pub state: RunState,
    /// The name of its container; `None` if the environment is absent.
    pub container: Option<String>,
    /// The name of the image that the container was made from.
    pub image: Option<String>,
    /// The start time in RFC 3339; `None` if it never started, and in a list.
    pub started_at: Option<String>,
    /// The host ports that lead into it; empty unless it runs.
    pub ports: Vec<OpenPort>,
    /// The way to enter it, if this host knows it.
    pub endpoint: Option<Endpoint>,
}

/// The state of an environment at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It does not exist.
    Absent,
    /// It was created and never started, or its start failed.
    Created,
    Running,
    Paused,
    /// It ended, and the place is starting it again.
    Restarting,
    /// It ended with this exit code.
    Ended {
        code: i64,
    },
    /// It is being removed, or the place lost it.
    Dead,
}

impl RunState {
    /// Whether it runs or is about to run.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Restarting)
    }
}

/// A port of the host that leads into an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OpenPort {
    pub address: IpAddr,
    pub host: u16,
    pub container: u16,
    pub protocol: Protocol,
}
