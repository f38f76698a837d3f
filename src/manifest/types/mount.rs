//! Types of bind mounts and named volumes.
//!
//! A mount never has the root of the container as its target.

use std::path::PathBuf;
use std::str::FromStr;

use super::{ContainerPath, HostPath, ValueError, all, has_control};

/// A mount: its source and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub source: MountSource,
    pub target: ContainerPath,
    /// Whether the mount is read-only inside.
    pub read_only: bool,
}

/// The source of a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A path on the host as written: absolute, `~/…`, or relative to the project (`./data`).
    Path(PathBuf),
    /// A named volume of the engine. envctl adds no prefix, so that projects can share it.
    Volume(String),
}

/// `SOURCE:TARGET[:ro|:rw]`
impl FromStr for Mount {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| mount_error(text, why);
        let mut parts = text.split(':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else {
            return Err(error("it names one place only; a mount has a source and a target"));
        };
        let read_only = match (parts.next(), parts.next()) {
            (None | Some("rw"), None) => false,
            (Some("ro"), None) => true,
            (Some("z" | "Z"), None) => return Err(error("SELinux labels are set by `[run] selinux`")),
            _ => return Err(error("after the target only `ro` or `rw` is allowed")),
        };
        Ok(Self { source: source.parse()?, target: target.parse::<MountTarget>()?.0, read_only })
    }
}

/// A possible target of a mount: any path except the root.
pub(in crate::manifest) struct MountTarget(pub(in crate::manifest) ContainerPath);

impl FromStr for MountTarget {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let path: ContainerPath = text.parse()?;
        if path.as_str() == "/" {
            return Err(mount_error(text, "nothing can be mounted over the root"));
        }
        Ok(Self(path))
    }
}

fn mount_error(text: &str, why: &'static str) -> ValueError {
    let allowed = "`SOURCE:TARGET` or `SOURCE:TARGET:ro`, such as `./data:/data:ro`, or a table with `from` and `to`";
    ValueError::new(text, "a mount", why, allowed)
}

/// A path if the text begins like one (`/`, `./`, `../`, `~`), else the name of a volume.
impl FromStr for MountSource {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let error = |why| {
            let allowed = "a path (`/mnt/data`, `./data`, `~/data`) or a volume's name (`hf-cache`)";
            Err(ValueError::new(text, "a mount's source", why, allowed))
        };
        if text.starts_with(['/', '~'])
            || text == "."
            || text == ".."
            || text.starts_with("./")
            || text.starts_with("../")
        {
            return Ok(Self::Path(text.parse::<HostPath>()?.into()));
        }
        match text {
            "" => error("it is empty"),
            _ if has_control(text) => error("it has a line break or another control character"),
            _ if text.starts_with("envctl-") => error("volumes that begin with `envctl-` are envctl's own"),
            _ if text.contains('$') => error("variables are not expanded"),
            _ if text.contains('/') => error("a path in the project begins with `./`"),
            _ if text.len() < 2
                || !text.starts_with(|c: char| c.is_ascii_alphanumeric())
                || !all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c)) =>
            {
                error("volumes are named with two or more letters, digits, `_`, `.` and `-`")
            }
            _ => Ok(Self::Volume(text.to_owned())),
        }
    }
}
