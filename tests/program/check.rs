//! `check` as a script or a user runs it: exit codes, the JSON contract, tables.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs `envctl check` in an empty home, with a manifest on standard input.
fn check(manifest: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_envctl"))
        .args(["check", "--manifest", "-"])
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no manifest may be gone already.
    let _ = child.stdin.take().unwrap().write_all(manifest.as_bytes());
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

const TORCH: &str = "name = \"lab\"\n[frameworks]\npytorch = \"2.4\"\n";

#[test]
fn an_answer_is_the_documented_document() {
    let output = check(TORCH, &["--json", "--gpu", "RTX 3090", "--driver", "535.104.05"]);
    assert_eq!(output.status.code(), Some(0));
    let document = json(&output);
    assert_eq!((&document["schema"], &document["ok"]), (&1.into(), &true.into()));
    let resolution = &document["resolution"];
    let torch = &resolution["frameworks"][0];
    assert_eq!(
        (&torch["name"], &torch["package"], &torch["index"]),
        (&"pytorch".into(), &"torch".into(), &"default".into())
    );
    assert_eq!(
        (&torch["version"], &torch["variant"], &torch["cuda"]),
        (&"2.4.1".into(), &"cu121".into(), &"12.1".into())
    );
    assert_eq!(torch["cudnn"], "9.1.0.70");
    assert_eq!(resolution["driver"], serde_json::json!({"minimum": "525.60.13", "toolkit": "530.30.02"}));
    for key in
        ["python", "python_source", "arch", "compute_capability", "os", "base_image", "buildable", "notes", "reasons"]
    {
        assert!(!resolution[key].is_null(), "{key}");
    }
    assert!(document["matrix"]["revision"].is_string());
}

#[test]
fn a_conflict_is_the_documented_document_and_exit_code_3() {
    let output = check(TORCH, &["--json", "--gpu", "RTX 5090", "--driver", "575.51.03"]);
    assert_eq!(output.status.code(), Some(3));
    let document = json(&output);
    assert_eq!(document["ok"], false);
    let conflict = &document["conflict"];
    assert_eq!(conflict["kind"], "gpu-arch-unsupported");
    assert_eq!(conflict["kinds"], serde_json::json!(["gpu-arch-unsupported"]));
    let sources = conflict["facts"].as_array().unwrap().iter().map(|fact| fact["source"].as_str().unwrap());
    assert_eq!(sources.collect::<Vec<_>>(), ["<stdin>:3", "--gpu"]);
    let newer = &conflict["suggestions"][0];
    let again = check(newer["manifest"].as_str().unwrap(), &["--gpu", "RTX 5090", "--driver", "575.51.03"]);
    assert_eq!(again.status.code(), Some(0), "{newer}");
}

#[test]
fn a_wrong_word_is_exit_code_2() {
    assert_eq!(check("[frameworks]\ntorch = \"2.4\"\n", &["--no-host"]).status.code(), Some(2));
    assert_eq!(check(TORCH, &["--gpu", "RTX 9999"]).status.code(), Some(2));
    assert_eq!(check(TORCH, &["--no-host", "--why", "weather"]).status.code(), Some(2));
}

#[test]
fn a_failure_is_one_document_too() {
    let output = check("name = \"lab\"\nframwork = 1\n", &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let document = json(&output);
    assert_eq!((&document["schema"], &document["ok"]), (&1.into(), &false.into()));
    assert!(document["error"]["message"].is_string(), "{document}");
}

#[test]
fn a_cpu_environment_has_no_cuda_and_no_driver() {
    let document = json(&check(TORCH, &["--json", "--cpu"]));
    assert!(document["resolution"]["cuda"].is_null() && document["resolution"]["driver"].is_null());
}

/// No machine runs an environment for a GPU and one of another architecture.
#[test]
fn a_target_that_this_machine_is_not_among_is_told() {
    let other = if cfg!(target_arch = "x86_64") { "aarch64" } else { "x86_64" };
    let target = |arch: &str| {
        format!("[frameworks]\nonnxruntime = \"1.20\"\n[gpu]\ndevices = \"none\"\n[target]\narch = \"{arch}\"\n")
    };
    let warned = |arch: &str, arguments: &[&str]| {
        let output = check(&target(arch), arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap().contains("this machine does not run it")
    };
    assert!(warned(other, &[]));
    assert!(!warned(other, &["--no-host"]) && !warned(std::env::consts::ARCH, &[]));
}

#[test]
fn a_lab_is_one_table() {
    let output = check(TORCH, &["--json", "--facts", "tests/hosts"]);
    assert_eq!(output.status.code(), Some(3));
    let document = json(&output);
    let kind = |host: &str| {
        let results = document["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["host"] == host).unwrap();
        result["conflict"]["kind"].as_str().map_or_else(|| "fits".to_owned(), str::to_owned)
    };
    assert_eq!(kind("server-a100"), "fits");
    assert_eq!(kind("old-k80"), "fits");
    assert_eq!(kind("desktop-rtx5090"), "gpu-arch-unsupported");
    // PyTorch's own index has had CUDA builds for aarch64 since 2.4, the default one since 2.11.
    assert_eq!(kind("gh200-arm"), "fits");
    assert_eq!(kind("laptop-cpu"), "gpu-missing");
    let table = String::from_utf8(check(TORCH, &["--facts", "tests/hosts"]).stdout).unwrap();
    assert!(
        table.lines().any(|line| line.starts_with("server-a100") && line.contains("pytorch 2.4.1 cu121")),
        "{table}"
    );
}

#[test]
fn an_architecture_without_a_cuda_build_is_told() {
    let manifest = TORCH.replace("2.4", "2.3");
    let document = json(&check(&manifest, &["--json", "--facts", "tests/hosts/gh200-arm.json"]));
    assert_eq!(document["conflict"]["kind"], "arch-unsupported", "{document}");
}

#[test]
fn a_driver_upgrade_shows_whose_environments_break() {
    let folder = tempfile::tempdir().unwrap();
    for (name, version) in [("old", "1.10"), ("new", "2.8")] {
        let project = folder.path().join(name);
        std::fs::create_dir(&project).unwrap();
        let manifest = format!("name = \"{name}\"\n[frameworks]\npytorch = \"{version}\"\n");
        std::fs::write(project.join("envctl.toml"), manifest).unwrap();
    }
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let output = check("", &[&path(folder.path()), "--json", "--driver", "470.82.01", "--gpu", "A100"]);
    let document = json(&output);
    let fits = document["results"].as_array().unwrap().iter().map(|result| result["ok"].as_bool().unwrap());
    assert_eq!(fits.collect::<Vec<_>>(), [false, true], "{document}");
}

#[test]
fn every_build_is_listed_with_the_reason_for_each_no() {
    let output = check(TORCH, &["--all", "--gpu", "A100", "--driver", "470.82.01"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let line = |variant: &str| table.lines().find(|line| line.contains("2.4.1") && line.contains(variant)).unwrap();
    assert!(line("cu121").ends_with("needs driver 525.60.13 for its CUDA 12.1 build"), "{table}");
    assert!(line("cu118").contains("ubuntu:"), "{table}");
}

#[test]
fn what_fits_and_can_not_be_built_names_what_can() {
    // NVIDIA deleted the images of CUDA 10.2.
    let manifest = "name = \"lab\"\n[cuda]\nversion = \"10.2\"\ntoolkit = \"devel\"\n";
    let machine = ["--gpu", "V100", "--driver", "535.104.05"];
    let document = json(&check(manifest, &[&machine[..], &["--json"]].concat()));
    let buildable = &document["resolution"]["buildable"];
    assert_eq!(buildable["ok"], false);
    let instead = buildable["suggestions"][0]["manifest"].as_str().unwrap();
    let again = json(&check(instead, &[&machine[..], &["--json"]].concat()));
    assert_eq!(again["resolution"]["buildable"]["ok"], true, "{again}");
    let text = String::from_utf8(check(manifest, &machine).stdout).unwrap();
    assert!(text.lines().any(|line| line.starts_with("hint: to build it today, use CUDA ")), "{text}");
}

#[test]
fn a_base_that_up_refuses_is_told_before() {
    let manifest = "name = \"lab\"\n[frameworks]\npytorch = \"2.4\"\n[system]\nbase = \"rockylinux:9\"\n";
    let output = check(manifest, &["--no-host"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("warning: images on `rockylinux:9` can't be built yet: `up` refuses it"), "{told}");
}

/// A project with these requirements, and `check` in it.
fn check_files(requirements: &str, arguments: &[&str]) -> Output {
    let project = tempfile::tempdir().unwrap();
    let manifest = "name = \"lab\"\n[python]\nrequirements = [\"requirements.txt\"]\n";
    std::fs::write(project.path().join("envctl.toml"), manifest).unwrap();
    std::fs::write(project.path().join("requirements.txt"), requirements).unwrap();
    let machine = ["check", "--gpu", "RTX 3090", "--driver", "570.26"];
    let mut envctl = Command::new(env!("CARGO_BIN_EXE_envctl"));
    envctl.args(machine).args(arguments).env_clear().env("HOME", project.path()).current_dir(project.path());
    envctl.output().unwrap()
}

#[test]
fn what_requirements_files_say_about_frameworks_is_checked() {
    let document = json(&check_files("torch==2.4.1\ntorchvision\nrich\n", &["--json"]));
    let torch = &document["resolution"]["frameworks"][0];
    assert_eq!((&torch["version"], &torch["with"]["torchvision"]), (&"2.4.1".into(), &"0.19.1".into()));
    let output = check_files("torch==2.4.1\ntorchvision==0.20.0\n", &["--json"]);
    assert_eq!(output.status.code(), Some(3));
    let conflict = &json(&output)["conflict"];
    assert_eq!((&conflict["kind"], &conflict["facts"][0]["axis"]), (&"line-unmet".into(), &"line".into()));
    assert_eq!(conflict["facts"][0]["source"], "requirements.txt:1");
}

#[test]
fn every_line_that_cannot_be_used_is_shown_at_once() {
    let output = check_files("--pre\ntorch\n-f https://wheels.example/torch.html\n-e .\ntf-nightly\n", &[]);
    let shown = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains("4 lines of `requirements.txt` can't be used"), "{shown}");
    for line in ["1 | --pre", "3 | -f https://wheels.example/torch.html", "4 | -e .", "5 | tf-nightly"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}
