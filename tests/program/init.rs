//! `init`, `add` and `remove` as a script calls them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub(super) fn envctl(directory: &Path, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_envctl"))
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .current_dir(directory)
        .output()
        .unwrap()
}

pub(super) fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let parent = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = parent.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    parent
}

/// Drafts a manifest, and returns the lines that are no comments, and the document.
pub(super) fn drafted(files: &[(&str, &str)], arguments: &[&str]) -> (Vec<String>, Value) {
    let project = project(files);
    let arguments: Vec<&str> = ["init", "--name", "lab", "--json"].iter().chain(arguments).copied().collect();
    let output = envctl(project.path(), &arguments);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{document}");
    let text = document["text"].as_str().unwrap();
    assert_eq!(fs::read_to_string(project.path().join("envctl.toml")).unwrap(), text);
    assert_eq!(document["check"]["ok"], true, "{document}");
    let checked = envctl(project.path(), &["check", "--no-host"]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    (lines.map(|line| line.split("  # ").next().unwrap().to_owned()).collect(), document)
}

pub(super) fn left(document: &Value) -> Vec<String> {
    let left = document["left"].as_array().unwrap().iter();
    left.map(|one| format!("{} ({})", one["what"].as_str().unwrap(), one["from"].as_str().unwrap())).collect()
}

#[test]
fn a_requirements_file_is_referred_to_and_its_framework_decides() {
    let requirements = "numpy<2\ntorch==2.1.0\ntorchvision==0.16.0\n";
    let (lines, _) = drafted(&[("requirements.txt", requirements), ("requirements-dev.txt", "pytest\n")], &[]);
    assert_eq!(
        lines,
        [
            "name = \"lab\"",
            "[frameworks]",
            "pytorch = { version = \"2.1.0\", with = [\"torchvision\"] }",
            "[python]",
            "requirements = [\"requirements.txt\"]",
        ]
    );
}

#[test]
fn extras_groups_and_computed_lists_are_named() {
    let pyproject = "[project]\nname = \"x\"\ndependencies = [\"torch>=2.4\"]\n[project.optional-dependencies]\ndev = [\"pytest\"]\n";
    let setup = "from setuptools import setup\nsetup(install_requires=open('r').read(), python_requires='>=3')\n";
    let (lines, document) = drafted(&[("pyproject.toml", pyproject), ("setup.py", setup)], &[]);
    assert!(lines.contains(&"pytorch = \">=2.4\"".to_owned()), "{lines:?}");
    assert!(lines.contains(&"requirements = [\"pyproject.toml\"]".to_owned()), "{lines:?}");
    let left = left(&document);
    assert!(left.contains(&"extras dev (pyproject.toml)".to_owned()), "{left:?}");
    assert!(left.contains(&"install_requires (setup.py:2)".to_owned()), "{left:?}");
}

#[test]
fn an_environment_of_conda_names_what_has_no_package() {
    let text = "dependencies:\n  - python=3.10\n  - pytorch=2.1\n  - pytorch-cuda=11.8\n  - ffmpeg\n  - gnuradio\n  - numpy\n  - pip:\n    - einops\n";
    let (lines, document) = drafted(&[("environment.yml", text)], &[]);
    assert!(
        lines.contains(&"    { file = \"environment.yml\", skip = [\"ffmpeg\", \"gnuradio\"] },".to_owned()),
        "{lines:?}"
    );
    for expected in ["version = \"3.10\"", "version = \"11.8\"", "    \"ffmpeg\","] {
        assert!(lines.contains(&expected.to_owned()), "{expected}: {lines:?}");
    }
    assert_eq!(left(&document), ["gnuradio (environment.yml:6)"]);
}

#[test]
fn a_dockerfile_and_a_docker_run_line() {
    let dockerfile = "FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-runtime\nRUN apt-get update && apt-get install -y git\n\
                      RUN pip install einops && make\nENV HF_HOME=/data\n";
    let run = "docker run --gpus all --shm-size 8g -p 8888:8888 -v $(pwd):/work --name other image";
    let (lines, document) = drafted(&[("Dockerfile", dockerfile)], &["--from-docker", run]);
    for expected in [
        "pytorch = \"2.4.0\"",
        "    \"einops\",",
        "    \"git\",",
        "shm-size = \"8g\"",
        "project = \"/work\"",
        "HF_HOME = \"/data\"",
    ] {
        assert!(lines.contains(&expected.to_owned()), "{expected}: {lines:?}");
    }
    assert!(left(&document).contains(&"make (Dockerfile:3)".to_owned()));
}

#[test]
fn imports_are_guessed_from_rows_alone() {
    let code = "import os, torch\nimport cv2\nimport strange_module\nimport own\n";
    let (lines, document) = drafted(&[("main.py", code), ("own/__init__.py", "")], &[]);
    assert_eq!(lines[2..], ["pytorch = \"*\"", "[python]", "packages = [", "    \"opencv-python\",", "]"]);
    assert_eq!(left(&document), ["import strange_module (main.py:3)"]);
    let (lines, _) = drafted(&[("main.py", code), ("requirements.txt", "rich\n")], &[]);
    assert_eq!(lines[2..], ["pytorch = \"*\"", "[python]", "requirements = [\"requirements.txt\"]"]);
}

#[test]
fn a_part_of_a_repository_is_chosen_or_asked_for() {
    let (lines, _) = drafted(&[("code/requirements.txt", "torch>=2\n"), ("main.py", "import numpy\n")], &[]);
    assert!(lines.contains(&"requirements = [\"code/requirements.txt\"]".to_owned()), "{lines:?}");
    let two = project(&[
        ("a/requirements.txt", "torch==2.4.0\n"),
        ("b/requirements.txt", "torch>=2\n"),
        ("b/x.py", "import torch\n"),
    ]);
    let output = envctl(two.path(), &["init"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`--requirements a/requirements.txt`"), "{said}");
    let output = envctl(two.path(), &["init", "--requirements", "b/requirements.txt"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_hostile_directory_writes_no_line_and_runs_nothing() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "torch==1.0\n").unwrap();
    let mark = outside.path().join("mark");
    let setup = format!(
        "import os\nos.system('touch {}')\nsetup(install_requires=['torch', 'x\\n[build]\\nrun=1'])\n",
        mark.display()
    );
    let dockerfile =
        "FROM evil:1\nENV A='x\"\\\n[build]' B=y\nRUN apt-get install \"a';reboot\"\nRUN pip install 'z # [build]'\n";
    let pyproject = "[project]\ndependencies = [\"rich; os_name == '\\u001b[31m'\", \"\\n[build]\\nrun = ['x']\"]\n";
    let project = project(&[
        ("setup.py", &setup),
        ("Dockerfile", dockerfile),
        ("pyproject.toml", pyproject),
        ("a\n[build]\nrun-requirements.txt", "rich\n"),
        (".git/config", "[core]\nfsmonitor = touch mark\n"),
        (".git/HEAD", "ref: refs/heads/main\n"),
    ]);
    symlink(outside.path().join("secret"), project.path().join("requirements.txt")).unwrap();
    let output = envctl(project.path(), &["init", "--name", "lab"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!mark.exists());
    let text = fs::read_to_string(project.path().join("envctl.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    assert!(!manifest.contains_key("build"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(text.contains("requirements.txt (requirements.txt): it can't be read"), "{text}");
    assert!(!text.contains("1.0"), "{text}");
}

#[test]
fn an_existing_manifest_is_never_lost() {
    let project = project(&[("envctl.toml", "mine\n"), ("requirements.txt", "torch\n")]);
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    assert_eq!(envctl(project.path(), &["init"]).status.code(), Some(2));
    let printed = envctl(project.path(), &["init", "--dry-run"]);
    assert!(String::from_utf8(printed.stdout).unwrap().contains("[frameworks]"));
    assert_eq!(read("envctl.toml"), "mine\n");
    for kept in ["envctl.toml.old", "envctl.toml.old-2"] {
        assert_eq!(envctl(project.path(), &["init", "--force"]).status.code(), Some(0));
        assert!(project.path().join(kept).exists());
    }
    assert_eq!(read("envctl.toml.old"), "mine\n");
}

#[test]
fn without_a_framework_there_is_no_manifest() {
    let project = project(&[("requirements.txt", "rich\n")]);
    let output = envctl(project.path(), &["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`envctl init --framework pytorch`"));
    assert!(!project.path().join("envctl.toml").exists());
    let output = envctl(project.path(), &["init", "--framework", "jax=0.7", "--cpu"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_wrong_value_of_an_option_is_refused() {
    let project = project(&[("requirements.txt", "torch==2.4.0\n")]);
    for wrong in [
        &["--python", "banana"][..],
        &["--python", "3.11.4"],
        &["--name", "../x"],
        &["--exclude-newer", "yesterday"],
        &["--requirements", "/etc/passwd"],
        &["--framework", "pytorch=new"],
        &["--framework", "nothing"],
    ] {
        let arguments = [&["init"], wrong].concat();
        let output = envctl(project.path(), &arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {said}");
        assert!(said.contains(wrong[1].rsplit('=').next().unwrap()), "{wrong:?}: {said}");
    }
    assert!(!project.path().join("envctl.toml").exists());
}

#[test]
fn a_draft_that_does_not_fit_says_why() {
    let arguments = ["init", "--dry-run", "--framework", "pytorch=99.0"];
    let project = project(&[]);
    let output = envctl(project.path(), &arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("warning: envctl knows no release of pytorch that is 99.0"), "{said}");
    let output = envctl(project.path(), &[&arguments[..], &["--json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["check"]["ok"], false);
    assert!(said.contains(document["check"]["message"].as_str().unwrap()), "{document}");
}

#[test]
fn packages_come_and_go_and_comments_stay() {
    let before =
        "# mine\n[frameworks]\npytorch = \"2.4\"  # why\n\n[python]\npackages = [\n    \"rich\",  # shown\n]\n";
    let project = project(&[("envctl.toml", before)]);
    let read = || fs::read_to_string(project.path().join("envctl.toml")).unwrap();
    let run = |arguments: &[&str]| envctl(project.path(), arguments).status.code();
    assert_eq!(run(&["add", "tqdm>=4", "--framework", "torch=2.5"]), Some(0));
    let after = before.replace("2.4", "2.5").replace("# shown\n", "# shown\n    \"tqdm>=4\",\n");
    assert_eq!(read(), after);
    assert_eq!(run(&["remove", "tqdm"]), Some(0));
    assert_eq!(read(), before.replace("2.4", "2.5"));
    for wrong in
        [&["add", "torch==2.4"][..], &["add", "../x"], &["remove", "absent"], &["add", "--framework", "nothing"]]
    {
        assert_eq!(run(wrong), Some(2), "{wrong:?}");
    }
    for (name, id) in [("tensorflow-gpu", "tensorflow"), ("cupy-cuda12x", "cupy"), ("tf-nightly", "tensorflow")] {
        let output = envctl(project.path(), &["add", name]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("`envctl add --framework {id}`")), "{said}");
    }
    fs::write(project.path().join("envctl.toml"), "[frameworks]\npytorch = 2.4\n").unwrap();
    assert_eq!(run(&["add", "rich"]), Some(2));
    assert_eq!(read(), "[frameworks]\npytorch = 2.4\n");
}
