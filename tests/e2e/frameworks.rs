//! Real frameworks, built from the manifest and computing over SSH in each kind of session.

use std::fs;

use envctl::matrix::Matrix;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// The `verify` lines of the framework that is locked, from the matrix into a file of the project, which is mounted.
fn write_verify(sandbox: &Sandbox) {
    let lock: toml::Table = fs::read_to_string(sandbox.file("envctl.lock")).unwrap().parse().unwrap();
    let text = |key: &str| lock["framework"][0][key].as_str().unwrap();
    let matrix = Matrix::embedded();
    let rows = matrix.framework(&text("name").parse().unwrap()).unwrap();
    fs::write(sandbox.file("verify.py"), rows.verify(&text("version").parse().unwrap())).unwrap();
}

/// The one line of JSON that the `verify` lines print.
fn computed(output: &str) -> Value {
    let line = output.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {output}"))
}

fn computes_in_every_session(sandbox: &Sandbox, framework: &str) {
    write_verify(sandbox);
    let script = "python /workspace/verify.py";
    let sessions = [
        ("ssh NAME CMD", sandbox.ssh(&[script])),
        ("a login shell", sandbox.ssh(&[&format!("bash -lc '{script}'")])),
        ("an interactive one", sandbox.ssh(&["-tt", &format!("bash -lic '{script}'")])),
        ("envctl ssh", sandbox.ok(&["ssh", "--", script]).stdout),
        ("envctl exec", sandbox.ok(&["exec", "-T", "--", "python", "/workspace/verify.py"]).stdout),
    ];
    let first = computed(&sessions[0].1);
    assert_eq!(first["framework"], framework, "{first}");
    assert!(!first["result"].is_null(), "{first}");
    for (session, output) in &sessions[1..] {
        assert_eq!(computed(output), first, "{session}");
    }
}

#[test]
fn onnxruntime_computes_in_every_kind_of_session() {
    let sandbox = Sandbox::without_key("");
    sandbox.is_up();
    computes_in_every_session(&sandbox, "onnxruntime");
}

#[test]
fn jax_computes_in_every_kind_of_session() {
    let sandbox = Sandbox::without_key("");
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    let jax = manifest.replace("onnxruntime = \">=1.18\"", "jax = \">=0.7\"\n\n[python]\nversion = \"3.11\"");
    assert_ne!(jax, manifest);
    fs::write(sandbox.file("envctl.toml"), jax).unwrap();
    sandbox.is_up();
    computes_in_every_session(&sandbox, "jax");
}

/// The README's first command, less the compilation. A second run finds everything done.
#[test]
fn quickstart_ends_with_a_result_and_the_card() {
    let sandbox = Sandbox::without_key("");
    for _ in 0..2 {
        let ran = sandbox.ok(&["quickstart", "--yes", "first-steps"]);
        assert!(ran.stdout.contains("on cpu: y = 3.000 x + 0.500"), "{ran:#?}");
        assert!(ran.stdout.contains("PyCharm") && ran.stdout.contains("ssh quickstart"), "{ran:#?}");
    }
    let manifest = sandbox.file("first-steps/envctl.toml");
    sandbox.ok(&["down", "--manifest", manifest.to_str().unwrap(), "--volumes", "--force", "--yes"]);
}

/// Gigabytes: `scripts/test --slow`. There is no GPU here, and the build says so itself rather than pretend.
#[cfg(feature = "slow")]
#[test]
fn torch_for_gpus_imports_and_reports_no_gpu() {
    let sandbox = Sandbox::without_key("");
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    let torch = manifest
        .replace("onnxruntime = \">=1.18\"", "pytorch = \"2.4\"")
        .replace("devices = \"none\"", "optional = true");
    fs::write(sandbox.file("envctl.toml"), torch).unwrap();
    sandbox.is_up();
    let asked = "python -c 'import torch; print(torch.__version__, torch.version.cuda, torch.cuda.is_available())'";
    assert_eq!(sandbox.ssh(&[asked]), "2.4.1+cu121 12.1 False");
}
