//! One value about a machine and the source that states it.
//!
//! The source is a type, because a stated fact precedes a manifest and a found one does not. A file cannot contain a
//! stated fact: what is read from a file is found.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A value and its source. A value from the user wins, and `source` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact<T> {
    pub value: T,
    pub source: FactSource,
}

/// The source of a fact, in JSON its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum FactSource {
    /// The user states it by this option: `--driver`.
    Option(&'static str),
    /// The machine shows it: `NVML`, `/proc/driver/nvidia/version`, …
    Found(String),
}

impl<T> Fact<T> {
    /// A fact that the machine shows.
    pub fn new(value: T, source: impl Into<FactSource>) -> Self {
        Self { value, source: source.into() }
    }

    /// A fact that the user states by an option.
    pub fn stated(value: T, option: &'static str) -> Self {
        Self { value, source: FactSource::Option(option) }
    }

    /// Whether the user states it.
    pub fn is_stated(&self) -> bool {
        matches!(self.source, FactSource::Option(_))
    }
}

impl FactSource {
    /// The name that `host` prints.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Option(option) => option,
            Self::Found(name) => name,
        }
    }
}

impl fmt::Display for FactSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FactSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::Found)
    }
}

impl From<String> for FactSource {
    fn from(name: String) -> Self {
        Self::Found(name)
    }
}

impl From<&str> for FactSource {
    fn from(name: &str) -> Self {
        Self::Found(name.to_owned())
    }
}

impl From<FactSource> for String {
    fn from(source: FactSource) -> Self {
        match source {
            FactSource::Option(option) => option.to_owned(),
            FactSource::Found(name) => name,
        }
    }
}
