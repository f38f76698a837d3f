//! Differences between a table and our rows (`exceptions.toml`), each with the proof that decides it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Difference;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    exception: Vec<Exception>,
}

/// The same difference in one row or several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    table: String,
    rows: Vec<String>,
    what: String,
    theirs: String,
    ours: String,
    reason: Reason,
    /// The wheel, the METADATA line or the vendor's table that decides.
    proof: String,
}

/// Why the two differ.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// They leave out what is published.
    Omitted,
    /// They name what nobody published.
    NotPublished,
    /// Their figure is another one than the wheels, the tools or the vendor's table give.
    OtherFigure,
    /// Their figure is coarser.
    Rounded,
    /// A file that lies there and belongs to no release.
    Stray,
    /// A capability that no product has.
    NoProduct,
    /// They go back further than our rows.
    OlderThanOurs,
}

impl Reason {
    /// As `docs/compatibility.md` says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Omitted => "they leave out what is published",
            Self::NotPublished => "they name what nobody published",
            Self::OtherFigure => "their figure is another than the published one",
            Self::Rounded => "their figure is coarser",
            Self::Stray => "a stray file of no release",
            Self::NoProduct => "a capability of no product",
            Self::OlderThanOurs => "they go back further than our rows",
        }
    }
}

/// All of them.
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    pub fn read() -> Self {
        let file: File = toml::from_str(include_str!("exceptions.toml")).expect("exceptions.toml reads");
        let unproven = file.exception.iter().find(|exception| exception.proof.trim().is_empty());
        assert!(unproven.is_none(), "an exception without a proof: {:?}", unproven.map(|exception| &exception.rows));
        Self(file.exception)
    }

    /// Each as the difference it explains.
    pub fn differences(&self) -> BTreeSet<Difference> {
        let mut all = BTreeSet::new();
        for Exception { table, rows, what, theirs, ours, .. } in &self.0 {
            for row in rows {
                let new = all.insert(Difference {
                    table: table.clone().leak(),
                    row: row.clone(),
                    what: what.clone().leak(),
                    theirs: theirs.clone(),
                    ours: ours.clone(),
                });
                assert!(new, "explained twice: {table}: {row}: {what}");
            }
        }
        all
    }

    /// How many differences each reason explains.
    pub fn by_reason(&self) -> BTreeMap<Reason, usize> {
        let mut counts = BTreeMap::new();
        for exception in &self.0 {
            *counts.entry(exception.reason).or_default() += exception.rows.len();
        }
        counts
    }
}
