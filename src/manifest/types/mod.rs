//! The types of a manifest's values. Only the checking constructor (`FromStr`) makes a value of each type.
//!
//! So a value that exists is well formed. The error of a constructor gives the reason and an allowed example.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

mod build;
mod device;
mod gpu;
mod image;
mod limits;
mod mount;
mod names;
mod network;
mod overlay;
mod paths;
mod port;
mod python_request;
mod requirement;
mod requirements_entry;

pub use build::{Copy, Secret, SecretSource};
pub use device::{Device, Restart};
pub use gpu::{Arch, DriverCapability, GpuDevices, GpuName, LowestDriver, Toolkit};
pub use image::{BaseName, Digest, ImageReference, RegistryPrefix};
pub use limits::{ByteSize, CpuCount, Ulimit, UlimitName};
pub(super) use mount::MountTarget;
pub use mount::{Mount, MountSource};
pub use names::{
    EnvName, EnvValue, EnvironmentName, FrameworkId, Label, Line, LinuxCapability, PackageName, SystemPackage, UserName,
};
pub use network::{ExtraHost, HostName, IpcMode, NetworkMode, NoProxyHost, Url};
pub use overlay::OverlaySource;
pub use paths::{ContainerPath, HostPath, ProjectPath, SafeDirectory, host_path, is_public_key_name};
pub use port::{Port, Protocol};
pub use python_request::{PythonRequest, RequiresPython};
pub use requirement::{Date, Requirement};
pub use requirements_entry::RequirementsEntry;

/// The error of a text that is not a valid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// The text found.
    pub text: String,
    /// The expected value, with its article: `a port`.
    pub what: &'static str,
    /// The reason, in a few words.
    pub why: Cow<'static, str>,
    /// The allowed form with an example, for a hint.
    pub allowed: Cow<'static, str>,
}

impl ValueError {
    fn new(
        text: &str,
        what: &'static str,
        why: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { text: text.to_owned(), what, why: why.into(), allowed: allowed.into() }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}: {}", crate::text::shown(&self.text), self.what, self.why)
    }
}

impl std::error::Error for ValueError {}

impl From<crate::version::VersionError> for ValueError {
    fn from(error: crate::version::VersionError) -> Self {
        let allowed = format!("{} such as `{}`", error.what, error.sample);
        let early = crate::parser::version(error.text.trim().trim_start_matches("=="));
        let why = match early {
            _ if error.text.len() > crate::parser::LONGEST_VERSION => "it is too long",
            Some(version) if version.any_prerelease() => "pre-releases are never chosen",
            _ => "it can't be read as one",
        };
        Self { text: error.text, what: error.what, why: why.into(), allowed: allowed.into() }
    }
}

/// Defines a string type that only `FromStr` makes. In `NAME = check`, the function `check` returns the normal form of
/// a text, or the reason why the text is not valid.
macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident = $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as in the manifest.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::manifest::types::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                let error = |error: $crate::manifest::types::ValueError| serde::de::Error::custom(format!("{error}; allowed: {}", error.allowed));
                text.parse().map_err(error)
            }
        }
    )*};
}

use checked_text;

/// Whether `text` has a character that must not reach a file or a terminal: a control character, line break or NUL.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Whether `allowed` accepts every character of `text`.
fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.chars().all(allowed)
}

/// The part of `text` before the first `separator`, and the part after it, if any.
fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Converts a host path, as written, for fields that keep a `PathBuf`.
impl From<HostPath> for PathBuf {
    fn from(path: HostPath) -> Self {
        Self::from(path.as_str())
    }
}

#[cfg(test)]
mod tests;
