//! Values that several shapes of the lock file have.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::manifest::{Digest, Label, ValueError};
use crate::version::ReleaseVersion;

/// A PEP 440 version as written; empty for an artefact with an address.
#[derive(Clone, Debug)]
pub(super) struct LockedVersion(String);

impl LockedVersion {
    /// The version of an artefact with an address.
    pub(super) fn none() -> Self {
        Self(String::new())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for LockedVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.parse::<Label>().is_ok() && text.parse::<ReleaseVersion>().is_ok() {
            return Ok(Self(text));
        }
        let error = crate::version::VersionError { text, what: "a version of a package", sample: "2.4.1" };
        Err(serde::de::Error::custom(error))
    }
}

/// The first text that is not a hash, with its span.
pub(super) fn wrong_hash(hashes: &[Spanned<String>]) -> Option<(ValueError, Range<usize>)> {
    hashes.iter().find_map(|hash| Some((hash.get_ref().parse::<Digest>().err()?, hash.span())))
}

pub(super) fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

pub(super) fn spanned_texts(values: &[Spanned<impl ToString>]) -> Vec<String> {
    values.iter().map(|value| value.get_ref().to_string()).collect()
}
