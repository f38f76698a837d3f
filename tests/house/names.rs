//! A name has one meaning in the crate.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{ItemKind, sources};

#[test]
fn every_type_has_a_name_of_its_own() {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for (name, _) in source.items.iter().filter(|(_, kind)| **kind == ItemKind::Type) {
            files.entry(name).or_default().push(source.path.display().to_string());
        }
    }
    assert!(files.len() > 500, "{} types were found", files.len());
    files.retain(|_, files| files.len() > 1);
    let lines: Vec<_> = files.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
    assert!(lines.is_empty(), "types of one name:\n{}", lines.join("\n"));
}

/// File names that appear in several rooms. Each is one noun from several views: `gpu` as printed by the driver, in the
/// manifest, and in a request to the engine; a verb and its work; a value and its words in `ui`.
const REPEATED: &[&str] = &[
    "access",
    "answer",
    "apply",
    "archive",
    "base",
    "build",
    "config",
    "conflict",
    "consent",
    "container",
    "container_inside",
    "container_life",
    "context",
    "devices",
    "directory",
    "dockerfile",
    "driver",
    "error",
    "errors",
    "exec",
    "file",
    "finding",
    "findings",
    "frameworks",
    "gpu",
    "image",
    "image_store",
    "index",
    "keys",
    "kind",
    "machine",
    "matrix",
    "misfit",
    "mod",
    "network",
    "notes",
    "observe",
    "overlay",
    "overrides",
    "plan",
    "problem",
    "progress",
    "published",
    "reads",
    "reasons",
    "requirement",
    "rows",
    "seen",
    "session",
    "smi",
    "status",
    "step",
    "tables",
    "target",
    "text",
    "tree",
    "trust",
    "up",
    "usage",
    "version",
    "volume_store",
];

#[test]
fn file_names_repeat_only_where_listed() {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources() {
        *count.entry(source.stem()).or_default() += 1;
    }
    let repeated: BTreeSet<&str> = count.into_iter().filter(|(_, count)| *count > 1).map(|(stem, _)| stem).collect();
    let listed: BTreeSet<&str> = REPEATED.iter().copied().collect();
    assert_eq!(repeated, listed);
}
