//! Runs the functions of the fuzz targets on their corpora, so that every earlier finding stays fixed.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;

/// Runs a target over its corpus; so many inputs there are at least.
fn run(target: &str, check: fn(&[u8]), least: usize) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let inputs = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    for input in &inputs {
        let bytes = fs::read(input).unwrap();
        let ended = std::panic::catch_unwind(|| check(&bytes));
        assert!(ended.is_ok(), "{} fails", input.display());
    }
    assert!(inputs.len() >= least, "{} inputs of `{target}`", inputs.len());
}

#[test]
fn manifests() {
    run("manifest", fuzz::manifest, 60);
}

#[test]
fn locks() {
    run("lock", fuzz::lock, 35);
}

#[test]
fn foreign() {
    run("foreign", fuzz::foreign, 16);
}

#[test]
fn facts() {
    run("facts", fuzz::facts, 15);
}

#[test]
fn requirements() {
    run("requirements", fuzz::requirements, 30);
}
