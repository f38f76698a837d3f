//! `envctl host` as a process: `--facts` reads its output, and it loads a driver's library. The library is a stub,
//! compiled by the C compiler that linked this test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use envctl::host::HostFacts;

const ENVCTL: &str = env!("CARGO_BIN_EXE_envctl");

/// `envctl` with nothing of this process's environment.
fn envctl(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(ENVCTL);
    command.args(arguments).env_clear().env("DOCKER_HOST", "unix:///nonexistent/engine.sock");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn facts(output: &Output) -> HostFacts {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    HostFacts::parse(Path::new("<stdout>"), &String::from_utf8_lossy(&output.stdout)).unwrap()
}

/// The stub, in a directory that lives as long as the test.
fn stub(directory: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/libnvidia-ml.c");
    let library = directory.join("libnvidia-ml.so.1");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    library
}

#[test]
fn the_drivers_library_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    stub(directory.path());
    let path = directory.path().to_str().unwrap();
    let facts = facts(&envctl(&["host", "--json"], &[("LD_LIBRARY_PATH", path)]));
    let driver = facts.driver.unwrap();
    // On a machine with a driver the kernel's own word counts.
    assert!(driver.source.as_str() != "NVML" || driver.value.to_string() == "550.144.03", "{driver:?}");
    assert_eq!(facts.driver_cuda.unwrap().value.to_string(), "12.4");
    assert_eq!(facts.gpus.len(), 1);
    let gpu = &facts.gpus[0].value;
    assert_eq!(gpu.name.as_deref(), Some("NVIDIA A100-SXM4-80GB"));
    assert_eq!(gpu.uuid.as_deref(), Some("GPU-b5169cef-2205-c30e"));
    assert_eq!(gpu.compute_capability.unwrap().to_string(), "8.0");
    assert_eq!(gpu.memory, Some(80 << 30));
}

#[test]
fn what_the_library_refuses_is_said() {
    const MISMATCH: &str = "18";
    let directory = tempfile::tempdir().unwrap();
    stub(directory.path());
    let path = directory.path().to_str().unwrap();
    let facts = facts(&envctl(&["host", "--json"], &[("LD_LIBRARY_PATH", path), ("STUB_INIT", MISMATCH)]));
    assert!(facts.problems.iter().any(|problem| problem.contains("of different releases")), "{:?}", facts.problems);
}

#[test]
fn an_installed_library_without_a_driver_is_a_normal_machine() {
    const NOT_LOADED: &str = "9";
    let directory = tempfile::tempdir().unwrap();
    stub(directory.path());
    let path = directory.path().to_str().unwrap();
    let facts = facts(&envctl(&["host", "--json"], &[("LD_LIBRARY_PATH", path), ("STUB_INIT", NOT_LOADED)]));
    let complains = facts.problems.iter().any(|problem| problem.contains("NVIDIA"));
    assert_eq!(complains, facts.driver.is_some(), "{:?}", facts.problems);
}

#[test]
fn named_facts_win_and_say_so() {
    let output = envctl(&["host", "--no-host", "--driver", "535", "--gpu", "RTX 3090"], &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("NVIDIA driver 535") && text.contains("--driver"), "{text}");
    assert!(text.contains("RTX 3090") && text.contains("--gpu"), "{text}");
}

#[test]
fn a_missing_engine_is_a_fact_and_no_failure() {
    let facts = facts(&envctl(&["host", "--json"], &[]));
    assert_eq!(facts.engine, None);
    assert!(facts.problems.iter().any(|problem| problem.contains("/nonexistent/engine.sock")), "{:?}", facts.problems);
}
