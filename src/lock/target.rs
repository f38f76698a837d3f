//! The target machines of a lock.
//!
//! It is information for people. The floors of the decision, not this target, decide whether a lock fits a machine.

use serde::{Deserialize, Serialize};

use crate::resolve::{TargetDriver, TargetFacts};

/// The known facts of the target machines. They are information only; the floors of the resolution decide later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockedTarget {
    /// The author of the target.
    pub from: TargetOrigin,
    /// The lowest driver. `None`: any driver, or no GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The GPU names as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
}

/// The author of a lock's target. The aliases are the words of version 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetOrigin {
    /// No user: the target is the host that resolved the lock.
    #[default]
    #[serde(alias = "this host")]
    Host,
    /// The manifest or the command line.
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
