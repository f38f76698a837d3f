//! The build of the tests: onnxruntime on Debian 12, with the smallest manifest.

use std::collections::BTreeMap;
use std::path::PathBuf;

use envctl::grants::Agreed;
use envctl::lock::{Lock, LockedPackage, LockedTarget};
use envctl::manifest::{Arch, Layer, LayerKind, Located, Manifest, Toolkit};
use envctl::resolve::{DecidedFramework, Decision, PythonSource};

pub fn located<T>(value: T) -> Located<T> {
    Located::default_value(value)
}

/// A manifest that asks for nothing in particular.
pub fn manifest() -> Manifest {
    let text =
        "name = \"lab\"\n[frameworks]\njax = \"0.7\"\n[gpu]\ndevices = \"none\"\n[run]\nproject = false\n".to_owned();
    let layer = Layer { path: PathBuf::from("envctl.toml"), text, kind: LayerKind::Project };
    let mut manifest = Manifest::parse_layers(vec![layer]).expect("its values are right");
    // The tests give the framework as what was resolved.
    manifest.frameworks.clear();
    manifest
}

/// The proof that it asks for nothing to agree to.
pub fn agreed(manifest: &Manifest) -> Agreed<'_> {
    Agreed::without_wishes(manifest).expect("its values are defaults")
}

/// A lock of these packages that remembers nothing of what it was made from.
pub fn lock(decision: Decision, packages: Vec<LockedPackage>) -> Lock {
    Lock {
        inputs: BTreeMap::new(),
        target: LockedTarget::default(),
        decision,
        base_digest: None,
        packages,
        builds: Vec::new(),
        system_packages: Vec::new(),
    }
}

/// onnxruntime on Debian 12's Python.
pub fn decision() -> Decision {
    let framework = DecidedFramework {
        name: "onnxruntime".parse().unwrap(),
        version: "1.20.1".parse().unwrap(),
        package: "onnxruntime".to_owned(),
        variant: "cpu".to_owned(),
        index: "default".to_owned(),
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
