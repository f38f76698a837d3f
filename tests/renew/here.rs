//! `matrix update` without a folder of rows: what is published counts in every command here from then on.

use std::path::Path;
use std::process::Output;

use super::shelf::{Shelf, wheel};
use super::{envctl, said, works};

/// `envctl WORDS` in `home`, with the index of a test.
fn run(home: &Path, shelf: &Shelf, words: &[&str]) -> Output {
    envctl(home, &[("PIP_INDEX_URL", shelf.url())]).args(words).output().unwrap()
}

#[test]
fn a_release_that_came_out_since_is_known_from_then_on() {
    let home = tempfile::tempdir().unwrap();
    let old = wheel("mindspore", "2.7.0", "2025-08-01", &[]);
    let gpu = wheel("mindspore_gpu", "1.10.0", "2023-02-01", &[]);
    let shelf = Shelf::of(&[old, gpu, wheel("mindspore", "99.1.0", "2026-12-01", &[])]);
    let run = |words: &[&str]| run(home.path(), &shelf, words);
    let knows = || run(&["matrix", "show", "mindspore", "99.1"]).status.success();

    let shown = works(&run(&["matrix", "update", "mindspore", "--dry-run"]));
    assert!(shown.contains("+ 99.1.0  cpu") && !knows(), "{shown}");
    let shown = works(&run(&["matrix", "update", "ms"]));
    assert!(shown.contains("every command here uses these rows from now on"), "{shown}");
    assert!(knows());
    let shown = works(&run(&["matrix", "update", "mindspore"]));
    assert!(shown.contains("0 new, 0 changed, 0 gone"), "{shown}");
    // The other frameworks are as they were.
    works(&run(&["matrix", "show", "pytorch", "2.4"]));

    // Another envctl may know better: its own rows count, and it says so.
    let kept = home.path().join(".local/state/envctl/published.json");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, text.replacen("\"from\":\"", "\"from\":\"0", 1)).unwrap();
    let told = run(&["matrix", "show", "mindspore", "99.1"]);
    assert!(!told.status.success() && said(&told).contains("was made with another envctl"), "{}", said(&told));
    works(&run(&["matrix", "update", "mindspore"]));
    assert!(knows());
}
