//! The part of a file that a manifest asks for: extras and groups.

use super::Lined;
use crate::manifest::PackageName;

/// The extras and groups to take with a project's own dependencies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    pub extras: &'a [PackageName],
    pub groups: &'a [PackageName],
}

/// A selection that a file can't answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectionError {
    /// `extra` or `group`.
    pub kind: &'static str,
    pub name: String,
    /// The names that the file has.
    pub known: Vec<String>,
}

impl SelectionError {
    pub(super) fn new<'a>(kind: &'static str, name: &str, known: impl Iterator<Item = &'a String>) -> Self {
        Self { kind, name: name.to_owned(), known: known.cloned().collect() }
    }
}

/// Removes requirements that are written twice. The first line stays.
pub(super) fn once(lines: Vec<Lined<String>>) -> Vec<Lined<String>> {
    let mut kept: Vec<Lined<String>> = Vec::with_capacity(lines.len());
    let mut seen = std::collections::BTreeSet::new();
    for line in lines {
        if seen.insert(line.value.clone()) {
            kept.push(line);
        }
    }
    kept
}
