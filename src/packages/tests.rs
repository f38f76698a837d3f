//! Values that the tests of this room share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::manifest::{Arch, Layer, LayerKind, Manifest, Toolkit};
use crate::packages::compile_input::{Allowed, ProjectAsks, Vendor};
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

/// The requests of a project with these files.
fn asks_with<'a>(manifest: &'a Manifest, files: &'a [files::ReadFile]) -> ProjectAsks<'a> {
    ProjectAsks { files, ..asks(manifest) }
}

/// The decision for a `PyTorch` of its makers' index.
fn pytorch(cuda: Option<&str>) -> Decision {
    let mut decision = decision();
    let framework = &mut decision.frameworks[0];
    framework.name = "pytorch".parse().unwrap();
    framework.version = "2.8.0".parse().unwrap();
    framework.package = "torch".to_owned();
    framework.cuda = cuda.map(|cuda| cuda.parse().unwrap());
    framework.local = Some(if cuda.is_some() { "cu126" } else { "cpu" }.to_owned());
    framework.index = "https://vendor.example/whl/build".to_owned();
    framework.with = ["torchvision", "xformers"].map(|name| (name.to_owned(), "1".to_owned())).into();
    decision
}

fn file(text: &str) -> files::ReadFile {
    let (path, content) = ("requirements.txt".to_owned(), requirements_file::parse(text).unwrap());
    files::ReadFile { path, text: text.to_owned(), constraint: false, content }
}

#[test]
fn a_line_about_a_framework_asks_for_no_second_distribution() {
    let lines = "torch[opt-einsum]==2.8.0+cu126\ntorchvision==0.23.0+cu126 ; python_version > '3'\n\
                 nvidia-cudnn-cu12==9.10.2.21\nnvidia-ml-py\nrich\n";
    let asked = CompileInput::new(asks_with(&manifest(), &[file(lines)]), &pytorch(Some("12.6")));
    assert_eq!(
        asked.requirements,
        [
            "torch==2.8.0+cu126",
            "torchvision==1",
            "xformers==1",
            "torch[opt-einsum]",
            "torchvision==0.23.0 ; python_version > '3'",
            "nvidia-ml-py",
            "rich",
            "pip"
        ]
    );
    assert_eq!(asked.constraints, ["torch==2.8.0", "nvidia-cudnn-cu12==9.10.2.21"]);
    assert!(asked.origins["torch"].contains("requirements.txt"));
    assert_eq!(asked.vendors.keys().collect::<Vec<_>>(), ["torch", "torchvision", "xformers"]);
}

#[test]
fn a_companion_is_asked_for_as_far_as_the_data_knows_it() {
    let mut decision = pytorch(Some("12.6"));
    let with = [("torchcodec", "0.16"), ("xformers", "0.0.32.post2"), ("torchvision", "0.23.0")];
    decision.frameworks[0].with = with.map(|(name, version)| (name.to_owned(), version.to_owned())).into();
    let asked = CompileInput::new(asks_with(&manifest(), &[]), &decision);
    let with = ["torchcodec==0.16.*", "torchvision==0.23.0", "xformers==0.0.32.post2"];
    assert_eq!(asked.requirements[1..4], with);
}

#[test]
fn a_companion_that_another_package_needs_comes_from_the_makers_too() {
    let decision = pytorch(Some("12.6"));
    let mut asked = CompileInput::new(asks_with(&manifest(), &[]), &decision);
    let printed = ["numpy", "torch", "torchaudio", "torchvision"];
    assert!(asked.take_companions(printed.into_iter(), &decision));
    assert_eq!(asked.vendors["torchaudio"].index, "https://vendor.example/whl/build");
    assert_eq!(asked.requirements.last().map(String::as_str), Some("torchaudio"));
    assert!(!asked.take_companions(printed.into_iter(), &decision));
    let mut default = decision;
    default.frameworks[0].index = DEFAULT_INDEX.to_owned();
    let mut asked = CompileInput::new(asks_with(&manifest(), &[]), &default);
    assert!(!asked.take_companions(printed.into_iter(), &default));
}

#[test]
fn an_environment_for_the_cpu_gets_no_libraries_of_cuda() {
    let asked = CompileInput::new(
        asks_with(&manifest(), &[file("nvidia-cudnn-cu12==9.1\ntensorflow-gpu==2.4\n")]),
        &pytorch(None),
    );
    assert!(asked.constraints.is_empty());
    // The makers' index for the CPU does not have this companion.
    assert_eq!(asked.vendors.keys().collect::<Vec<_>>(), ["torch", "torchvision"]);
    // Without a decision about TensorFlow, a lock from before stays as it is.
    assert!(asked.requirements.contains(&"tensorflow-gpu==2.4".to_owned()));
    let mut tensorflow = decision();
    tensorflow.frameworks[0].name = "tensorflow".parse().unwrap();
    tensorflow.frameworks[0].package = "tensorflow-cpu".to_owned();
    let asked = CompileInput::new(asks_with(&manifest(), &[file("tensorflow-gpu==1.20.1\ntensorflow\n")]), &tensorflow);
    assert_eq!(asked.requirements, ["tensorflow-cpu==1.20.1", "pip"]);
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
