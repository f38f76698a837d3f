//! What an image is proven by: the libraries of its packages, and the import of its frameworks.

use std::fs;

use crate::sandbox::Sandbox;

/// A project on the base of the tests with these Python packages.
fn with_packages(packages: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::without_key("");
    sandbox.write_manifest(&format!("\n[python]\npackages = [{packages}]\n{more}"));
    sandbox
}

/// opencv's libraries are found in its files, libsndfile is known: soundfile loads it by name.
#[test]
fn packages_find_the_libraries_that_they_need() {
    let sandbox = with_packages("\"opencv-python<4.12\", \"soundfile==0.10.3.post1\"", "");
    let up = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 0, "{up:#?}");
    let lock = fs::read_to_string(sandbox.file("envctl.lock")).unwrap();
    assert!(lock.contains("[[system-package]]\nname = \"libsndfile1\"\nvia = [\"soundfile\"]"), "{lock}");
    let imported = "python -c 'import cv2, soundfile; print(cv2.__version__[0])'";
    assert_eq!(sandbox.ok(&["exec", "-T", "--", "sh", "-c", imported]).stdout.trim(), "4");
    let verified = sandbox.json(&["verify"]);
    assert_eq!(verified["verify"]["libraries"], serde_json::json!([]));
    assert_eq!(verified["verify"]["frameworks"][0]["outcome"], "cpu", "{verified}");
}

#[test]
fn a_framework_that_is_not_imported_ends_the_build() {
    let broken = "run = [\"rm -r /opt/envctl/venv/lib/python3.11/site-packages/onnxruntime/capi\"]";
    let sandbox = Sandbox::without_key(&format!("\n[build]\n{broken}\n"));
    let up = sandbox.run(&["--json", "up", "--bootstrap", "--yes"]);
    assert_eq!(up.code, 5, "{up:#?}");
    let said: serde_json::Value = serde_json::from_str(&up.stdout).unwrap();
    let message = said["error"]["message"].as_str().unwrap();
    assert!(message.contains("`onnxruntime` can't be imported: "), "{message}");
}

/// What breaks after the build is found in the container.
#[test]
fn what_broke_in_the_container_is_found() {
    let sandbox = Sandbox::without_key("");
    sandbox.is_up();
    let verified = sandbox.ok(&["verify"]);
    assert!(verified.stdout.contains("computed on the CPU"), "{verified:#?}");
    sandbox.ok(&["exec", "-T", "--", "pip", "uninstall", "--quiet", "--yes", "--root-user-action=ignore", "numpy"]);
    let verified = sandbox.run(&["--json", "verify"]);
    assert_eq!(verified.code, 1, "{verified:#?}");
    let said: serde_json::Value = serde_json::from_str(&verified.stdout).unwrap();
    assert_eq!(said["error"]["kind"], "verify-failed");
    assert_eq!(said["verify"]["frameworks"][0]["outcome"], "not-imported", "{said}");
}

#[test]
fn imports_that_nothing_provides_are_named() {
    let sandbox = Sandbox::without_key("");
    let code = "import numpy, scipy\ntry:\n    import apex\nexcept ImportError:\n    apex = None\nimport own\n";
    fs::write(sandbox.file("train.py"), code).unwrap();
    fs::write(sandbox.file("own.py"), "import json\n").unwrap();
    sandbox.is_up();
    let verified = sandbox.run(&["verify", "--imports"]);
    assert_eq!(verified.code, 1, "{verified:#?}");
    assert!(verified.stdout.contains("nothing provides scipy, which train.py:1 imports; `envctl add scipy` adds it"));
    assert!(verified.stdout.contains("nothing provides apex, which train.py:3 imports under a condition"));
    assert!(!verified.stdout.contains("own,") && !verified.stdout.contains("numpy,"), "{verified:#?}");
}
