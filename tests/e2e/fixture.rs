//! What tests build: onnxruntime on Debian 12, and a manifest that asks for nothing more.

use std::collections::BTreeMap;
use std::path::PathBuf;

use envctl::grants::Agreed;
use envctl::lock::{FORMAT, Lock, LockedPackage, LockedTarget};
use envctl::manifest::{Layer, LayerKind, Located, Manifest};
use envctl::resolve::Resolution;

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
pub fn lock(resolution: Resolution, packages: Vec<LockedPackage>) -> Lock {
    Lock {
        version: FORMAT,
        envctl: "0.1.0".to_owned(),
        matrix: String::new(),
        base_digest: None,
        inputs: BTreeMap::new(),
        target: LockedTarget::default(),
        resolution,
        packages,
    }
}

/// onnxruntime on Debian 12's Python.
pub fn resolution() -> Resolution {
    serde_json::from_value(serde_json::json!({
        "frameworks": [{
            "name": "onnxruntime", "version": "1.20.1", "package": "onnxruntime", "variant": "cpu", "index": "default",
            "cuda": null, "cudnn": null, "capabilities": [], "verify": "import onnxruntime",
        }],
        "python": "3.11", "python_source": "distribution", "cuda": null, "cudnn": null, "arch": "x86_64",
        "driver": null, "compute_capability": [], "os": "debian:12", "base_image": "debian:12", "toolkit": "none",
        "glibc": "2.36", "buildable": { "ok": true }, "notes": [], "reasons": [],
    }))
    .unwrap()
}
