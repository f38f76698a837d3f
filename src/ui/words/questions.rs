//! The questions that commands ask. The printer adds the possible answers.

use crate::manifest::{EnvironmentName, FrameworkId};
use crate::project::EnvironmentId;

/// Asks whether a new environment has a GPU.
pub const GPU_QUESTION: &str = "With a GPU?";

/// Asks for what a manifest needs to be granted.
pub const AGREE_QUESTION: &str = "Agree to that, for this environment?";

/// Asks before processes are ended.
pub const END_QUESTION: &str = "These processes would be ended. Continue?";

/// Asks for the framework of a new environment.
#[must_use]
pub fn framework_question(known: &[&FrameworkId]) -> String {
    let known: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
    format!("Which framework, with its release if it matters ({}, such as pytorch=2.4)?", known.join(", "))
}

/// Asks for the name of a new environment. An empty answer means `default`.
#[must_use]
pub fn name_question(default: &EnvironmentName) -> String {
    format!("Name of the environment [{default}]:")
}

/// Asks before a home directory is removed.
#[must_use]
pub fn lose_home_question(id: &EnvironmentId) -> String {
    format!("The home directory of {id} will be removed for good. Continue?")
}
