//! The fuzz targets are a separate workspace with a lock file of their own.

use std::collections::BTreeSet;
use std::fs;

use crate::text::package;

fn table(file: &str) -> toml::Table {
    fs::read_to_string(package().join(file)).unwrap().parse().unwrap()
}

/// `scripts/fuzz` fails before it compiles if the lock lacks one.
#[test]
fn the_lock_of_the_fuzz_targets_has_every_dependency() {
    let wanted: BTreeSet<String> = table("Cargo.toml")["dependencies"].as_table().unwrap().keys().cloned().collect();
    let lock = table("fuzz/Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let own = packages.iter().find(|package| package["name"].as_str() == Some("envctl")).unwrap();
    let names = own["dependencies"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let locked: BTreeSet<String> = names.map(|name| name.split(' ').next().unwrap_or_default().to_owned()).collect();
    let missing: Vec<_> = wanted.difference(&locked).collect();
    assert!(missing.is_empty(), "run `cargo update --manifest-path fuzz/Cargo.toml --package envctl`: {missing:?}");
}
