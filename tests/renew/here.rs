//! `matrix update` without a directory of rows: every later command on this machine uses the published rows.

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
    assert!(!told.status.success() && said(&told).contains("are from another envctl"), "{}", said(&told));
    works(&run(&["matrix", "update", "mindspore"]));
    assert!(knows());
}

#[test]
fn a_cuda_that_only_this_person_has_a_row_for_is_enough() {
    let home = tempfile::tempdir().unwrap();
    let made = |name, version, requires: &[&str]| wheel(name, version, "2026-12-01", requires);
    let torch = made("torch", "99.0.0", &["cuda-toolkit[cudart]==13.6.1"]);
    let toolkit = made("cuda_toolkit", "13.6.1", &[]);
    let shelf = Shelf::of(&[torch, toolkit, made("torchvision", "0.99.0", &[]), made("torchaudio", "0.99.0", &[])]);
    let refused = run(home.path(), &shelf, &["matrix", "update", "pytorch"]);
    assert!(!refused.status.success() && said(&refused).contains("CUDA 13.6"), "{}", said(&refused));

    let folder = home.path().join(".config/envctl/matrix");
    std::fs::create_dir_all(&folder).unwrap();
    let row = "[[cuda]]\nversion = \"13.6\"\ndriver-minimum = \"580.65.06\"\narch = [\"x86_64\"]\n\
               source = \"a test\"\nchecked = \"2026-11-21\"\n";
    std::fs::write(folder.join("cuda.toml"), row).unwrap();
    works(&run(home.path(), &shelf, &["matrix", "update", "pytorch"]));
}
