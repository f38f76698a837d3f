//! Types of device nodes and restart policies.
//!
//! A device is a path in `/dev`, outside the directories in which every user can create files.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;

use super::{ContainerPath, ValueError};

/// A device node, in the form of `docker run --device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The path on the host.
    pub host: PathBuf,
    /// The path inside the container.
    pub container: PathBuf,
    /// The permissions: `rwm` or a part of it.
    pub permissions: String,
}

/// Directories of `/dev` in which every user can make names, on the host or inside. The user who makes a name decides
/// its meaning.
const SHARED: [&str; 3] = ["/dev/shm", "/dev/mqueue", "/dev/pts"];

/// `/dev/fuse`, `/dev/fuse:/dev/fuse`, `/dev/sda:r`, `/dev/sda:/dev/xvda:rwm`
impl FromStr for Device {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| {
            let allowed = "`HOST[:CONTAINER][:PERMISSIONS]`, such as `/dev/fuse` or `/dev/video0:/dev/video0:rw`";
            ValueError::new(text, "a device", why, allowed)
        };
        let node = |part: &str| -> Result<PathBuf, ValueError> {
            let path: ContainerPath = part.parse().map_err(|_| error("it is not an absolute path"))?;
            match path.as_str() {
                shared if SHARED.iter().any(|place| Path::new(shared).starts_with(place)) => {
                    Err(error("every user is permitted to create files there"))
                }
                path if path.starts_with("/dev/") => Ok(PathBuf::from(path)),
                _ => Err(error("it is not under `/dev/`")),
            }
        };
        let is_permissions =
            |part: &str| !part.is_empty() && part.len() <= 3 && part.chars().all(|c| "rwm".contains(c));
        let parts: Vec<&str> = text.split(':').collect();
        let (host, container, permissions) = match parts[..] {
            [host] => (host, host, "rwm"),
            [host, permissions] if is_permissions(permissions) => (host, host, permissions),
            [host, container] => (host, container, "rwm"),
            [host, container, permissions] if is_permissions(permissions) => (host, container, permissions),
            [_, _, _] => return Err(error("its permissions are not made of `r`, `w` and `m`")),
            _ => return Err(error("it has too many parts")),
        };
        Ok(Self { host: node(host)?, container: node(container)?, permissions: permissions.to_owned() })
    }
}

/// The cases in which the engine starts the container again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// The engine never restarts the container.
    No,
    /// The engine restarts the container after a failure, at most this number of times.
    OnFailure(Option<u32>),
    /// The engine always restarts the container.
    Always,
    /// The engine always restarts the container, except after a stop command.
    UnlessStopped,
}

impl fmt::Display for Restart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("no"),
            Self::OnFailure(None) => f.write_str("on-failure"),
            Self::OnFailure(Some(times)) => write!(f, "on-failure:{times}"),
            Self::Always => f.write_str("always"),
            Self::UnlessStopped => f.write_str("unless-stopped"),
        }
    }
}

impl FromStr for Restart {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "no" => Ok(Self::No),
            "always" => Ok(Self::Always),
            "unless-stopped" => Ok(Self::UnlessStopped),
            "on-failure" => Ok(Self::OnFailure(None)),
            _ => {
                let times = text.strip_prefix("on-failure:").and_then(|times| times.parse().ok());
                times.map(|times| Self::OnFailure(Some(times))).ok_or_else(|| {
                    let allowed = "`no`, `on-failure`, `on-failure:TIMES`, `always` or `unless-stopped`";
                    ValueError::new(text, "a restart policy", "there is none of that name", allowed)
                })
            }
        }
    }
}
