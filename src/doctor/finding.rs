//! One thing looked at.

use serde::Serialize;

/// One thing looked at, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// How bad it is.
    pub level: Severity,
    /// What was looked at: `container engine`, `disk`.
    pub subject: &'static str,
    /// What was seen.
    pub message: String,
    /// What mends it, one action each.
    pub mend: Vec<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// Works, and may surprise.
    Warning,
    /// Environments can't be brought up.
    Broken,
}

impl Diagnosis {
    pub(super) fn good(subject: &'static str, message: impl Into<String>) -> Self {
        Self { level: Severity::Good, subject, message: message.into(), mend: Vec::new() }
    }

    pub(super) fn warning(subject: &'static str, message: impl Into<String>) -> Self {
        Self { level: Severity::Warning, ..Self::good(subject, message) }
    }

    pub(super) fn broken(subject: &'static str, message: impl Into<String>) -> Self {
        Self { level: Severity::Broken, ..Self::good(subject, message) }
    }

    pub(super) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend.push(mend.into());
        self
    }
}
