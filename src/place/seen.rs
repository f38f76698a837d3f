//! An environment as a place reports it.
//!
//! These types name no engine, so that verbs and `ui` work with every place.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::connect::Endpoint;
use crate::manifest::Protocol;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSeen {
    pub id: String,
    pub name: String,
    /// The project's directory, where this host remembers it.
    pub project: Option<PathBuf>,
    pub state: RunState,
    /// The name of what runs it at the place; none where it is absent.
    pub container: Option<String>,
    /// The name of the image that it was made from.
    pub image: Option<String>,
    /// RFC 3339; none where it never started, and in a list.
    pub started_at: Option<String>,
    /// The host's ports that lead into it; only while it runs.
    pub ports: Vec<OpenPort>,
    /// How it is entered, where this host remembers it.
    pub endpoint: Option<Endpoint>,
}

/// The state of an environment at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It is not there.
    Absent,
    /// It was made and never started, or its start failed.
    Created,
    Running,
    Paused,
    /// It ended, and the place starts it again.
    Restarting,
    /// It ended, with its exit code.
    Ended {
        code: i64,
    },
    /// It is being removed, or the place lost it.
    Dead,
}

impl RunState {
    /// Whether it runs, or is about to.
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
