//! What the end-to-end tests share: the engine, a base image to work from, names that don't meet.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use envctl::engine::docker::Docker;
use envctl::system::System;

/// Debian 12, made here from the distribution's own packages: no test needs an image registry.
pub const BASE: &str = "envctl-test/debian:12";

/// The process as it is.
pub fn system() -> System {
    System::of_process()
}

/// The engine that `docker` would speak to.
pub fn docker() -> Docker {
    Docker::connect(&system(), None).expect("an engine listens: `scripts/test` starts one")
}

/// Makes the base image unless the engine has it. Once per process; later tests wait for the first.
pub fn base() -> &'static str {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        let present = Command::new("docker")
            .args(["image", "inspect", BASE])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !present.expect("the docker client is installed").success() {
            import();
        }
    });
    BASE
}

fn import() {
    let directory = tempfile::tempdir().expect("a directory for the base image");
    let tar: PathBuf = directory.path().join("base.tar");
    let made = Command::new("mmdebstrap").args(["--variant=minbase", "bookworm"]).arg(&tar).status();
    assert!(made.expect("mmdebstrap is installed").success(), "mmdebstrap failed");
    let imported = Command::new("docker").args(["import", "-c", "CMD [\"bash\"]"]).arg(&tar).arg(BASE).status();
    assert!(imported.expect("the docker client is installed").success(), "docker import failed");
}

/// A name for what a test makes; the process's number keeps runs apart.
pub fn name(test: &str) -> String {
    format!("envctl-test-{}-{}", std::process::id(), test.replace('_', "-"))
}
