//! Files use each other in one direction: no circle exists within a room or between rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::sources;
use crate::uses::Modules;

type Edges = BTreeMap<&'static Path, BTreeMap<&'static Path, String>>;

#[test]
fn no_files_use_each_other_in_a_circle() {
    let modules = Modules::of_library();
    let edges: Edges = sources().iter().map(|source| (source.path.as_path(), modules.files_used(source))).collect();
    assert!(edges.values().map(BTreeMap::len).sum::<usize>() > 1_000, "the paths of the files are not resolved");
    let circles = circles(&edges);
    let found: Vec<_> = circles.iter().map(|circle| describe(circle, &edges)).collect();
    assert!(
        found.is_empty(),
        "{} circles:
{}",
        found.len(),
        found.join(
            "
"
        )
    );
}

/// Groups of files in which each file reaches each other.
fn circles(edges: &Edges) -> Vec<BTreeSet<&'static Path>> {
    let reached: BTreeMap<_, _> = edges.keys().map(|file| (*file, reachable(file, edges))).collect();
    let mut circles = BTreeSet::new();
    for (file, found) in &reached {
        let circle: BTreeSet<_> = found.iter().copied().filter(|other| reached[other].contains(file)).collect();
        circles.insert(circle);
    }
    circles.into_iter().filter(|circle| circle.len() > 1).collect()
}

/// All files that a file uses, directly or through others. The file itself is included only if it is in a circle.
fn reachable(file: &Path, edges: &Edges) -> BTreeSet<&'static Path> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<_> = edges[file].keys().copied().collect();
    while let Some(next) = waiting.pop() {
        if found.insert(next) {
            waiting.extend(edges[next].keys().copied());
        }
    }
    found
}

fn describe(circle: &BTreeSet<&'static Path>, edges: &Edges) -> String {
    let mut lines = vec![format!("{} files:", circle.len())];
    for file in circle {
        for (used, name) in edges[file].iter().filter(|(used, _)| circle.contains(*used)) {
            lines.push(format!("  {} -> {} ({name})", file.display(), used.display()));
        }
    }
    lines.join("\n")
}
