//! The changes that an update makes, release by release.

use serde::Serialize;

use super::text;
use crate::matrix::rows::{FrameworkFile, ReleaseRow};

/// One release that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum RowChange {
    /// A new row.
    Added {
        /// `2.15.0`
        release: String,
        /// Its builds' variants.
        variants: Vec<String>,
    },
    /// A row that nothing published stands behind any more.
    Removed { release: String },
    /// A row that says something else.
    Changed {
        release: String,
        /// Lines that go.
        before: Vec<String>,
        /// Lines that come.
        after: Vec<String>,
    },
}

/// What differs between two files of one framework. The day a row was checked is no difference.
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

/// The lines in which two rows of one release differ.
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
