//! Values that the tests of this room share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::manifest::{Arch, Layer, LayerKind, Manifest, Toolkit};
use crate::packages::asked::{Allowed, ProjectAsks, Vendor};
use crate::resolve::{DecidedFramework, Decision, PythonSource};

/// A manifest without special requests.
pub(crate) fn manifest() -> Manifest {
    let text =
        "name = \"lab\"\n[frameworks]\njax = \"0.7\"\n[gpu]\ndevices = \"none\"\n[run]\nproject = false\n".to_owned();
    let layer = Layer { path: PathBuf::from("envctl.toml"), text, kind: LayerKind::Project };
    let mut manifest = Manifest::parse_layers(vec![layer]).expect("its values are right");
    // The tests pass the framework as part of the decision.
    manifest.frameworks.clear();
    manifest
}

/// The decision for onnxruntime on Debian 12's Python.
pub(crate) fn decision() -> Decision {
    let framework = DecidedFramework {
        name: "onnxruntime".parse().unwrap(),
        version: "1.20.1".parse().unwrap(),
        package: "onnxruntime".to_owned(),
        variant: "cpu".to_owned(),
        index: DEFAULT_INDEX.to_owned(),
        index_packages: Vec::new(),
        cuda: None,
        cudnn: None,
        extras: Vec::new(),
        local: None,
        with: BTreeMap::new(),
        system_packages: Vec::new(),
        pins: Vec::new(),
        exclude_newer: None,
    };
    Decision {
        frameworks: vec![framework],
        python: "3.11".parse().unwrap(),
        python_source: PythonSource::Distribution,
        cuda: None,
        cudnn: None,
        arch: Arch::X86_64,
        driver: None,
        compute_capability: Vec::new(),
        os: Some("debian:12".to_owned()),
        base_image: "debian:12".to_owned(),
        toolkit: Toolkit::None,
        glibc: Some("2.36".parse().unwrap()),
    }
}

fn asks(manifest: &Manifest) -> ProjectAsks<'_> {
    ProjectAsks { manifest, files: &[], loosened: None }
}

fn printed(name: &str, index: &str) -> PrintedPackage {
    PrintedPackage {
        name: name.to_owned(),
        version: "1".to_owned(),
        hashes: vec!["sha256:aa".to_owned(), "sha256:bb".to_owned()],
        via: vec![format!("{PROJECT} (pyproject.toml)"), "other".to_owned()],
        index: Some(index.to_owned()),
        ..PrintedPackage::default()
    }
}

fn asked() -> CompileInput {
    let mut asked = CompileInput::new(asks(&manifest()), &decision());
    let vendor = Vendor { index: "https://vendor.example/whl/cu118/".to_owned(), framework: "pytorch".to_owned() };
    asked.vendors.insert("torch".to_owned(), vendor);
    asked
}

#[test]
fn a_framework_is_asked_for_exactly() {
    let mut decision = decision();
    let framework = &mut decision.frameworks[0];
    framework.extras = vec!["gpu".to_owned()];
    framework.local = Some("cu118".to_owned());
    framework.with = [("companion".to_owned(), "2.0".to_owned())].into();
    framework.pins = vec!["numpy<2".to_owned()];
    framework.exclude_newer = Some("2024-05-01".to_owned());
    let asked = CompileInput::new(asks(&manifest()), &decision);
    assert_eq!(asked.requirements, ["onnxruntime[gpu]==1.20.1+cu118", "companion==2.0", "numpy<2", "pip"]);
    assert_eq!(asked.exclude_newer.as_deref(), Some("2024-05-01"));
    assert!(asked.origins["numpy"].contains("onnxruntime"));
}

#[test]
fn an_index_of_this_host_is_not_in_the_lock() {
    let package = locked(printed("numpy", "https://ada:pw@mirror.example/simple"), &asked()).unwrap();
    assert_eq!(package.index, DEFAULT_INDEX);
    let package = locked(printed("torch", "https://vendor.example/whl/cu118"), &asked()).unwrap();
    assert_eq!(package.index, "https://vendor.example/whl/cu118/");
}

#[test]
fn via_names_who_asked() {
    let package = locked(printed("onnxruntime", "x"), &asked()).unwrap();
    assert_eq!(package.via, ["onnxruntime", "other"]);
    assert_eq!(locked(printed("pip", "x"), &asked()).unwrap().via, [OURS, "other"]);
}

#[test]
fn a_files_hashes_limit_the_locks() {
    let mut asked = asked();
    let allow = |hash: &str| Allowed { hashes: vec![hash.to_owned()], file: "requirements.txt".to_owned() };
    asked.allowed.insert("numpy".to_owned(), allow("sha256:bb"));
    assert_eq!(locked(printed("numpy", "x"), &asked).unwrap().hashes, ["sha256:bb"]);
    asked.allowed.insert("numpy".to_owned(), allow("sha256:cc"));
    assert!(matches!(locked(printed("numpy", "x"), &asked), Err(PackagesError::HashMismatch { .. })));
}
