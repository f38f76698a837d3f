//! `up` with a GPU. The host's driver is a stub library and the engine's toolkit is a stub hook. All other parts are
//! real.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::gpu_host::{GpuHost, Offers};
use crate::sandbox::Sandbox;

/// CUDA alone: an image without gigabytes of libraries.
const MANIFEST: &str = "\
name = \"e2e-gpu\"

[cuda]
version = \"12.4\"

[system]
base = \"debian:12\"
";

/// A sandbox on a host whose driver's library says that there is a GPU.
fn sandbox(more: &str) -> Sandbox {
    let mut sandbox = Sandbox::new("");
    std::fs::write(sandbox.file("envctl.toml"), format!("{MANIFEST}{more}")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/libnvidia-ml.c");
    let library = sandbox.home().join("libnvidia-ml.so.1");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    assert!(made.unwrap().success(), "cc failed");
    sandbox.variables.push(("LD_LIBRARY_PATH", sandbox.home().display().to_string()));
    sandbox
}

/// Moves an image to the engine of a host: its network reaches nothing that a build needs.
fn carry(host: &GpuHost, image: &str) {
    let mut save = Command::new("docker").args(["save", image]).stdout(Stdio::piped()).spawn().unwrap();
    let from = save.stdout.take().unwrap();
    let loaded = host.inside("docker").arg("load").stdin(from).stdout(Stdio::null()).status().unwrap();
    assert!(save.wait().unwrap().success() && loaded.success());
}

/// Its loopback is down in a new network, and published ports are bound there.
fn enter(sandbox: &mut Sandbox, host: &GpuHost) {
    let raise = "import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 1))";
    assert!(host.inside("python3").args(["-c", raise]).status().unwrap().success());
    let inside = host.inside("true");
    sandbox.through = std::iter::once("nsenter".to_owned())
        .chain(inside.get_args().next().map(|namespace| namespace.to_string_lossy().into_owned()))
        .collect();
    sandbox.variables.push(("DOCKER_HOST", host.url()));
}

#[test]
fn a_gpu_is_asked_for_and_seen_inside() {
    // What the manifest puts on the PATH is not what proves the GPU.
    let mut sandbox = sandbox("[run]\nenv = { PATH = \"/workspace/bin:/usr/bin:/bin\" }\n");
    std::fs::create_dir(sandbox.file("bin")).unwrap();
    std::fs::write(sandbox.file("bin/nvidia-smi"), "#!/bin/sh\ncat /dev/zero\n").unwrap();
    std::fs::set_permissions(sandbox.file("bin/nvidia-smi"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let built = sandbox.json(&["build", "--bootstrap"]);
    assert_eq!(built["ok"], true, "{built:#}");
    let host = GpuHost::start(Offers::Hook, "all");
    carry(&host, built["image"].as_str().unwrap());
    enter(&mut sandbox, &host);
    let up = sandbox.up(&[]);
    assert_eq!(up["ok"], true, "{up:#}");
    assert_eq!(up["gpus"], serde_json::json!(["stub GPU"]));
    let seen = sandbox.openssh("ssh", &["e2e-gpu", "ls", "/dev/nvidia0"]);
    assert_eq!(seen.stdout, "/dev/nvidia0\n", "{seen:#?}");
    assert_eq!(sandbox.up(&[])["changed"], false);
    drop(sandbox);
}

#[test]
fn an_engine_that_has_no_gpus_to_give_is_an_error_and_never_the_cpu() {
    let sandbox = sandbox("");
    let refused = sandbox.run(&["up", "--bootstrap"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    assert!(refused.stderr.contains("can't give containers a GPU"), "{refused:#?}");
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "absent");
}

#[test]
fn a_host_without_a_gpu_is_a_conflict_unless_the_manifest_can_do_without() {
    let sandbox = Sandbox::new("");
    std::fs::write(sandbox.file("envctl.toml"), MANIFEST).unwrap();
    let refused = sandbox.run(&["up", "--bootstrap", "--json"]);
    assert_eq!(refused.code, 3, "{refused:#?}");
    let document: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(document["conflict"]["kind"], "gpu-missing", "{document:#}");
    std::fs::write(sandbox.file("envctl.toml"), format!("{MANIFEST}[gpu]\noptional = true\n")).unwrap();
    for _ in 0..2 {
        let up = sandbox.run(&["up", "--bootstrap"]);
        assert_eq!(up.code, 0, "{up:#?}");
        sandbox.ok(&["down"]);
        assert!(up.stderr.contains("no GPU"), "it is said each time: {up:#?}");
    }
}

#[test]
fn a_machine_without_a_gpu_builds_for_those_that_are_named() {
    let sandbox = Sandbox::new("");
    let target =
        "[target]\ndriver = \"535\"\ngpus = [\"A100\"]\n[run]\nmounts = [\"/nonexistent/imagenet:/data:ro\"]\n";
    std::fs::write(sandbox.file("envctl.toml"), format!("{MANIFEST}{target}")).unwrap();
    let built = sandbox.json(&["build", "--bootstrap"]);
    assert_eq!(built["ok"], true, "{built:#}");
    let refused = sandbox.run(&["up", "--bootstrap", "--yes", "--allow", "mounts=/nonexistent/imagenet:ro"]);
    assert_ne!(refused.code, 0, "{refused:#?}");
}
