//! The values a manifest is made of, each made only by its checking constructor (`FromStr`).

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A string that only `FromStr` makes.
macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

checked_text! {
    /// An environment's name: a DNS label (`a-z0-9-`, at most 40 characters), so that it can be a host name, a container
    /// name and an image name alike.
    EnvironmentName;
    /// A Python distribution's name, normalised (PEP 503).
    PackageName;
    /// One PEP 508 requirement on one line, without options, paths or environment look-ups.
    Requirement;
    /// A distribution package: `libgl1`, `git=1:2.39.5-0`.
    SystemPackage;
    /// An image reference: `registry/name:tag@sha256:…`.
    ImageReference;
    /// An environment variable's name.
    EnvName;
    /// An environment variable's value: any text without NUL or line breaks.
    EnvValue;
    /// A `http`/`https` URL.
    Url;
    /// `YYYY-MM-DD`.
    Date;
    /// An absolute, normalised path inside the container; `~` stands for the user's home.
    ContainerPath;
    /// A relative path inside the project that does not leave it.
    ProjectPath;
    /// A Linux user name.
    UserName;
    /// `compute`, `utility`, `graphics`, `video`, `display`, `compat32`, `ngx` or `all`.
    DriverCapability;
    /// A Linux capability without `CAP_`, upper case, or `ALL`.
    LinuxCapability;
    /// A resource limit's name as the engine knows it (`memlock`).
    UlimitName;
    /// `bridge`, `host`, `none` or a network's name.
    NetworkMode;
}

/// A framework's id: `pytorch`. Which ids there are is the matrix's to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameworkId(pub(crate) String);

impl FrameworkId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FrameworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A size in bytes; written `8g`, `512m`, `64MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// Soft and hard limit; -1 is unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// The limit in force.
    pub soft: i64,
    /// How far it may be raised.
    pub hard: i64,
}

/// What is mounted where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: MountSource,
    /// Where.
    pub target: ContainerPath,
    /// Not writable inside.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A path on the host as written: absolute, `~/…`, or relative to the project (`./data`).
    Path(PathBuf),
    /// A named volume of the engine; envctl prefixes nothing, so that projects can share it.
    Volume(String),
}

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The host's address; none: loopback.
    pub address: Option<IpAddr>,
    /// The host's port; none: a free one.
    pub host: Option<u16>,
    /// The container's port. A range in the manifest becomes one of these each.
    pub container: u16,
    /// Protocol.
    pub protocol: Protocol,
}

/// Of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// When the engine starts the container again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Never.
    No,
    /// After a failure, at most so many times.
    OnFailure(Option<u32>),
    /// Always.
    Always,
    /// Always, unless it was stopped.
    UnlessStopped,
}

/// A device node, `docker run --device` form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// On the host.
    pub host: PathBuf,
    /// Inside.
    pub container: PathBuf,
    /// `rwm` or a part of it.
    pub permissions: String,
}

/// Project files copied into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Inside the project.
    pub from: ProjectPath,
    /// Inside the image.
    pub to: ContainerPath,
}

/// A secret for the build's own steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its id: the file name under `/run/secrets/`.
    pub id: String,
    /// Where its value comes from.
    pub source: SecretSource,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file on the host.
    File(PathBuf),
    /// A variable of the caller.
    Env(EnvName),
}
