//! For which machines a lock was resolved.

use serde::Serialize;

use crate::resolve::{TargetDriver, TargetFacts};

/// What was known of the machines. What decides later is not this but the floors of what was resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockedTarget {
    /// `this host`, or `the manifest` (and the command line).
    pub from: String,
    /// The lowest driver; none: open, or no GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// As named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
}

impl From<&TargetFacts> for LockedTarget {
    fn from(target: &TargetFacts) -> Self {
        let driver = match &target.driver {
            TargetDriver::Version(asked) => Some(asked.value.to_string()),
            TargetDriver::Open | TargetDriver::Missing => None,
        };
        let from = if target.is_host { "this host" } else { "the manifest" };
        let gpus = target.gpus.iter().map(|gpu| gpu.value.name.clone()).collect();
        Self { from: from.to_owned(), driver, gpus }
    }
}
