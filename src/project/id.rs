//! The identity of an environment, from which the names of its container and volumes are made.
//!
//! The same name, directory and user give the same identity, so that a lost state finds its container again.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hex;

/// The identity of an environment, such as `vision-lab-1a2b3c4d5e6f7a8b`. The names of its engine objects contain it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentId(String);

impl EnvironmentId {
    /// The identity for an environment `name`, the manifest or directory `place`, and this user.
    pub(super) fn new(name: &str, place: &Path, uid: u32) -> Self {
        use std::os::unix::ffi::OsStrExt;
        let mut hash = Sha256::new();
        hash.update(place.as_os_str().as_bytes());
        hash.update([0]);
        hash.update(uid.to_string());
        let digest = hash.finalize();
        Self(format!("{name}-{}", hex(&digest[..8])))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the container's name.
    #[must_use]
    pub fn container(&self) -> String {
        format!("envctl-{}", self.0)
    }

    /// Returns the name of the container that reads a volume. It never starts.
    #[must_use]
    pub fn reader(&self) -> String {
        format!("{}-reader", self.container())
    }

    /// Returns the name of the volume with the SSH server's files.
    #[must_use]
    pub fn ssh_volume(&self) -> String {
        format!("envctl-{}-ssh", self.0)
    }

    /// Returns the name of the volume with the home directory.
    #[must_use]
    pub fn home_volume(&self) -> String {
        format!("envctl-{}-home", self.0)
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_follows_place_caller_and_manifest() {
        let place = Path::new("/srv/lab");
        let id = EnvironmentId::new("lab", place, 1000);
        assert_eq!(id, EnvironmentId::new("lab", place, 1000));
        assert_ne!(id, EnvironmentId::new("lab", place, 1001));
        assert_ne!(id, EnvironmentId::new("lab", Path::new("/srv/lab2"), 1000));
        assert!(id.as_str().starts_with("lab-") && id.as_str().len() == 20, "{id}");
        assert_eq!(id.container(), format!("envctl-{id}"));
    }
}
