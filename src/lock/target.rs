//! The target machines of a lock.

use serde::{Deserialize, Serialize};

use crate::resolve::{TargetDriver, TargetFacts};

/// What was known of the machines. What decides later is not this but the floors of what was resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockedTarget {
    /// Who named the machines.
    pub from: TargetOrigin,
    /// The lowest driver; none: open, or no GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The GPUs as they were named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
}

/// Who named the machines that a lock is for. The aliases are the words of version 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetOrigin {
    /// Nobody: it is the host that resolved it.
    #[default]
    #[serde(alias = "this host")]
    Host,
    /// The manifest, or the command line.
    #[serde(alias = "the manifest")]
    Manifest,
}

impl From<&TargetFacts> for LockedTarget {
    fn from(target: &TargetFacts) -> Self {
        let driver = match &target.driver {
            TargetDriver::Version(asked) => Some(asked.value.to_string()),
            TargetDriver::Open | TargetDriver::Missing => None,
        };
        let from = if target.is_host { TargetOrigin::Host } else { TargetOrigin::Manifest };
        let gpus = target.gpus.iter().map(|gpu| gpu.value.name.clone()).collect();
        Self { from, driver, gpus }
    }
}
