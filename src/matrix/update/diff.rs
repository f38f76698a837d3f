//! The changes that an update makes, release by release.
//!
//! A person reads them before the rows are used, so the day of a check is not a change.

use serde::Serialize;

use super::text;
use crate::matrix::rows::{FrameworkFile, ReleaseRow};

/// A change of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum RowChange {
    /// A new row.
    Added {
        /// The release, `2.15.0`.
        release: String,
        /// The variants of its builds.
        variants: Vec<String>,
    },
    /// A row that no published file supports any more.
    Removed { release: String },
    /// A row with different content.
    Changed {
        release: String,
        /// The lines that are removed.
        before: Vec<String>,
        /// The lines that are added.
        after: Vec<String>,
    },
}

/// The differences between two files of one framework. The day of a check is not a difference.
#[must_use]
pub fn changes(before: Option<&FrameworkFile>, after: &FrameworkFile) -> Vec<RowChange> {
    let old = before.map_or(&[][..], |file| &file.releases);
    let mut changes: Vec<RowChange> = old
        .iter()
        .filter(|row| !after.releases.iter().any(|new| new.version == row.version))
        .map(|row| RowChange::Removed { release: row.version.to_string() })
        .collect();
    for row in &after.releases {
        match old.iter().find(|before| before.version == row.version) {
            None => changes.push(RowChange::Added {
                release: row.version.to_string(),
                variants: row.builds.iter().map(|build| build.variant.clone()).collect(),
            }),
            Some(before) if !text::says_the_same(before, row) => changes.push(changed(before, row)),
            Some(_) => {}
        }
    }
    changes
}

/// The lines that differ between two rows of one release.
#[must_use]
pub fn changed(before: &ReleaseRow, after: &ReleaseRow) -> RowChange {
    let lines = |row: &ReleaseRow| -> Vec<String> {
        let text = text::release(row);
        text.lines().filter(|line| !line.starts_with("checked = ")).map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let without = |these: &[String], those: &[String]| {
        let mut those = those.to_vec();
        let mut left = Vec::new();
        for line in these {
            match those.iter().position(|other| other == line) {
                Some(at) => drop(those.remove(at)),
                None => left.push(line.clone()),
            }
        }
        left
    };
    RowChange::Changed { release: after.version.to_string(), before: without(&old, &new), after: without(&new, &old) }
}
