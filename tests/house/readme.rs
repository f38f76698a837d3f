//! The README's manifest and commands work as printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::text::package;

/// Commands that need an engine, a container or a package index. The end-to-end tests run them.
const NEED_AN_ENGINE_OR_INDEX: [&str; 2] = ["up", "matrix update"];

#[test]
fn the_manifest_and_the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let project = home.path().join("projects/vision-lab");
    prepare(&project, &blocks(&readme, "toml").next().unwrap());
    let commands: Vec<_> = blocks(&readme, "console").flat_map(|block| commands(&block)).collect();
    let pure = commands.iter().filter(|command| !NEED_AN_ENGINE_OR_INDEX.contains(&command.as_str()));
    let mut count = 0;
    for command in pure {
        count += 1;
        let directory = if command == "init" { unwritten(home.path()) } else { project.clone() };
        let output = run(home.path(), &directory, command);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // Exit code 3 is a "no" with reasons, which is also an answer.
        assert!(matches!(output.status.code(), Some(0 | 3)), "`envctl {command}`: {:?}\n{said}", output.status);
        assert!(!said.trim().is_empty(), "`envctl {command}` says nothing");
    }
    assert!(count >= 5, "the README shows {count} commands that need no engine: {commands:?}");
}

fn prepare(project: &Path, manifest: &str) {
    fs::create_dir_all(project.join("data")).unwrap();
    fs::create_dir(project.join("lab")).unwrap();
    fs::write(project.join("envctl.toml"), manifest).unwrap();
    for host in ["server-a100.json", "workstation-rtx3090.json"] {
        fs::copy(package().join("tests/hosts").join(host), project.join("lab").join(host)).unwrap();
    }
}

/// A project without a manifest.
fn unwritten(home: &Path) -> PathBuf {
    let directory = home.join("clone");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("requirements.txt"), "torch==2.4.1\n").unwrap();
    directory
}

/// The code blocks of one language.
fn blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = String> + use<'a> {
    let fence = format!("```{language}\n");
    let blocks: Vec<_> = text.split(&fence).skip(1).filter_map(|rest| rest.split_once("\n```")).collect();
    blocks.into_iter().map(|(block, _)| format!("{block}\n"))
}

/// The text after `$ envctl`, without the comment at its end.
fn commands(block: &str) -> Vec<String> {
    let typed = block.lines().filter_map(|line| line.strip_prefix("$ envctl "));
    typed.map(|line| line.split(" #").next().unwrap_or_default().trim().to_owned()).collect()
}

/// Runs a command through a shell, as a user types it.
#[expect(clippy::disallowed_methods, reason = "a test runs the program")]
fn run(home: &Path, project: &Path, command: &str) -> Output {
    Command::new("sh")
        .args(["-c", &format!("\"$ENVCTL\" {command}")])
        .current_dir(project)
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("ENVCTL", env!("CARGO_BIN_EXE_envctl"))
        .output()
        .unwrap()
}
