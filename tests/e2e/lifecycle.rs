//! `up`: what it keeps, what it replaces and why, what it refuses. The verbs of a container's life.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, ran};

fn actions(document: &Value) -> Vec<&str> {
    document["steps"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect()
}

fn reason<'a>(document: &'a Value, action: &str) -> &'a Value {
    let steps = document["steps"].as_array().unwrap();
    &steps.iter().find(|step| step["action"] == action).unwrap()["reason"]
}

#[test]
fn a_second_up_does_nothing() {
    let sandbox = Sandbox::new("");
    assert_eq!(sandbox.run(&["plan", "--bootstrap"]).code, 10);
    assert!(!sandbox.file("envctl.lock").exists(), "`plan` writes nothing");
    assert_eq!(sandbox.is_up()["changed"], true);
    let second = sandbox.is_up();
    assert_eq!((&second["changed"], &second["steps"]), (&json!(false), &json!([])));
    assert_eq!(sandbox.run(&["plan", "--bootstrap"]).code, 0);
    // A comment is another text and the same wish.
    sandbox.write_manifest("# a comment\n");
    assert_eq!(sandbox.is_up()["steps"], json!([]));
}

#[test]
fn changed_settings_make_the_container_anew_and_say_which() {
    let sandbox = Sandbox::new("[run]\nshm-size = \"128m\"\n");
    sandbox.is_up();
    assert_eq!(sandbox.ssh(&["df", "--output=size", "-BM", "/dev/shm"]).lines().last().unwrap().trim(), "128M");
    sandbox.ssh(&["touch", "kept"]);
    sandbox.write_manifest("[run]\nshm-size = \"256m\"\nenv = { MODE = \"fast\" }\n");
    let planned = sandbox.json(&["plan", "--bootstrap"]);
    assert_eq!(actions(&planned), ["remove", "create", "upload", "start"]);
    let second = sandbox.is_up();
    assert_eq!(reason(&second, "remove")["kind"], "settings-changed");
    let changes = &reason(&second, "remove")["changes"];
    assert_eq!(changes[0], json!({"field": "env", "from": [], "to": ["MODE"]}));
    assert_eq!(changes[1], json!({"field": "shm-size", "from": ["128m"], "to": ["256m"]}));
    assert_eq!(sandbox.ssh(&["printenv", "MODE"]), "fast");
    assert_eq!(sandbox.ssh(&["ls", "kept"]), "kept", "the home outlives the container");
}

#[test]
fn a_changed_image_is_built_and_the_container_made_anew() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    sandbox.write_manifest("[build]\nrun = [\"touch /marker\"]\n");
    let changed = sandbox.is_up();
    assert_eq!(actions(&changed).last(), Some(&"start"));
    assert_eq!(reason(&changed, "remove")["kind"], "image-changed");
    assert_eq!(sandbox.ssh(&["ls", "/marker"]), "/marker");
}

#[test]
fn whoever_works_inside_is_not_ended_unasked() {
    let sandbox = Sandbox::new("[run]\nshm-size = \"128m\"\n");
    sandbox.is_up();
    sandbox.ssh(&["nohup sleep 4321 >/dev/null 2>&1 &"]);
    sandbox.write_manifest("[run]\nshm-size = \"256m\"\n");
    let planned = sandbox.json(&["plan", "--bootstrap"]);
    assert_eq!(planned["would_end"][0]["command"], "sleep 4321");
    for arguments in [&["up", "--bootstrap", "--yes"][..], &["down"], &["stop"], &["restart"]] {
        let refused = sandbox.run(arguments);
        assert_eq!(refused.code, 1, "{arguments:?}: {refused:#?}");
        assert!(refused.stderr.contains("sleep 4321") && refused.stderr.contains("--force"), "{refused:#?}");
    }
    assert_eq!(sandbox.ssh(&["pgrep", "-x", "sleep"]).lines().count(), 1);
    assert_eq!(sandbox.up(&["--force"])["ok"], true);
}

#[test]
fn what_the_entrypoint_starts_is_ended_unasked() {
    let sandbox = Sandbox::new("[ssh]\nenabled = false\n");
    sandbox.is_up();
    sandbox.write_manifest("[ssh]\nenabled = false\n[run]\nshm-size = \"128m\"\n");
    assert_eq!(reason(&sandbox.is_up(), "remove")["kind"], "settings-changed");
    // A script: its command line is not what the manifest says.
    let script = "#!/bin/sh\nwhile :; do sleep 5; done\n";
    fs::write(sandbox.file("serve"), script).unwrap();
    fs::set_permissions(sandbox.file("serve"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.write_manifest("[run]\ncommand = [\"/workspace/serve\"]\n");
    sandbox.is_up();
    sandbox.ok(&["stop"]);
    sandbox.ok(&["start"]);
    sandbox.ok(&["restart"]);
    sandbox.ok(&["down"]);
}

#[test]
fn a_port_moves_to_another_address() {
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let sandbox = Sandbox::new(&format!("[run]\nports = [\"{port}:80\", \"{port}:80/udp\"]\n"));
    let ssh = sandbox.is_up()["endpoint"]["port"].clone();
    let allowed = ["--allow", "ports-beyond-loopback", "--allow", "ssh-beyond-loopback"];
    sandbox.write_manifest(&format!("[run]\nports = [\"0.0.0.0:{port}:80\", \"0.0.0.0:{port}:80/udp\"]\n"));
    let moved = sandbox.up(&allowed);
    assert_eq!(reason(&moved, "remove")["kind"], "settings-changed", "{moved:#}");
    sandbox.write_manifest("[ssh]\nlisten = \"0.0.0.0\"\n");
    let moved = sandbox.up(&allowed);
    assert_eq!(reason(&moved, "remove")["kind"], "settings-changed", "{moved:#}");
    assert_eq!(moved["endpoint"]["port"], ssh);
}

#[test]
fn stop_start_restart_down() {
    let sandbox = Sandbox::new("");
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "absent");
    assert_eq!(sandbox.run(&["start"]).code, 1);
    sandbox.is_up();
    let status = sandbox.json(&["status"]);
    assert_eq!(status["environment"]["status"], "running");
    let id = status["environment"]["id"].as_str().unwrap().to_owned();
    let listed = |sandbox: &Sandbox, all: bool| {
        let document = sandbox.json(if all { &["ps", "--all"] } else { &["ps"] });
        let found =
            document["environments"].as_array().unwrap().iter().find(|found| found["id"] == id.as_str()).cloned();
        found.map(|found| found["project"].as_str().unwrap().to_owned())
    };
    assert_eq!(listed(&sandbox, false), Some(sandbox.project().canonicalize().unwrap().display().to_string()));

    let stopped = sandbox.run(&["stop", "--json"]);
    assert!(stopped.stdout.contains("\"changed\":true"), "{stopped:#?}");
    assert_eq!(sandbox.json(&["stop"])["changed"], false);
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "stopped");
    assert!(listed(&sandbox, false).is_none() && listed(&sandbox, true).is_some());
    assert_eq!(sandbox.run(&["ssh", "true"]).code, 1);

    assert_eq!(sandbox.json(&["start"])["changed"], true);
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    sandbox.ok(&["restart"]);
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");

    sandbox.ok(&["stop"]);
    let started = sandbox.is_up();
    assert_eq!(actions(&started), ["start"]);
    assert_eq!(reason(&started, "start")["kind"], "stopped");

    assert_eq!(sandbox.json(&["down"])["changed"], true);
    assert_eq!(sandbox.json(&["down"])["changed"], false);
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "absent");
    let again = sandbox.is_up();
    assert_eq!(actions(&again), ["create", "upload", "start"]);
}

#[test]
fn a_port_that_the_manifest_names_and_another_holds() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let sandbox = Sandbox::new(&format!("[ssh]\nport = {port}\n"));
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    let expected = format!("port {port} of 127.0.0.1 is taken by the process `");
    assert!(refused.stderr.contains(&expected) && refused.stderr.contains("envctl.toml:"), "{refused:#?}");
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "absent");

    let other = Sandbox::new("");
    let other = other.is_up();
    let taken = other["endpoint"]["port"].as_u64().unwrap();
    sandbox.write_manifest(&format!("[run]\nports = [\"127.0.0.1:{taken}:80\"]\n"));
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    assert!(refused.stderr.contains("is taken by"), "{refused:#?}");
}

#[test]
fn the_holder_of_a_port_is_named_when_it_is_a_container() {
    let other = Sandbox::new("");
    let up = other.is_up();
    let port = up["endpoint"]["port"].as_u64().unwrap();
    let sandbox = Sandbox::new(&format!("[ssh]\nport = {port}\n"));
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    let holder = format!("the container `envctl-{}`", up["id"].as_str().unwrap());
    assert!(refused.code == 4 && refused.stderr.contains(&holder), "{refused:#?}");
}

#[test]
fn a_chosen_port_is_kept_and_moves_when_it_has_to() {
    let sandbox = Sandbox::new("");
    let first = sandbox.is_up()["endpoint"]["port"].as_u64().unwrap();
    sandbox.ok(&["down"]);
    assert_eq!(sandbox.is_up()["endpoint"]["port"].as_u64(), Some(first));
    sandbox.ok(&["stop"]);
    let holder = TcpListener::bind(("127.0.0.1", u16::try_from(first).unwrap())).unwrap();
    let moved = sandbox.run(&["up", "--bootstrap", "--json"]);
    assert!(moved.stderr.contains("SSH moves to port"), "{moved:#?}");
    let document: Value = serde_json::from_str(&moved.stdout).unwrap();
    assert_ne!(document["endpoint"]["port"].as_u64(), Some(first));
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    drop(holder);
}

#[test]
fn a_mount_source_that_is_not_there() {
    let sandbox = Sandbox::new("[run]\nmounts = [\"./data:/data\"]\n");
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:#?}");
    assert!(refused.stderr.contains("does not exist") && refused.stderr.contains("envctl.toml:"), "{refused:#?}");
    assert!(!sandbox.file("data").exists(), "nothing is made in its place");
    fs::create_dir(sandbox.file("data")).unwrap();
    fs::write(sandbox.file("data/seen"), "from the host").unwrap();
    sandbox.is_up();
    assert_eq!(sandbox.ssh(&["cat", "/data/seen"]), "from the host");
}

#[test]
fn what_reaches_beyond_the_project_is_agreed_to_once() {
    let sandbox = Sandbox::new("[run]\nmounts = [\"/usr/share/doc:/doc:ro\"]\n");
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.stderr.contains("/usr/share/doc") && refused.stderr.contains("--allow mounts"), "{refused:#?}");
    assert_eq!(sandbox.up(&["--allow", "mounts"])["ok"], true);
    sandbox.ok(&["down"]);
    sandbox.is_up();
    // A link of the project's own leads outside as well.
    std::os::unix::fs::symlink("/etc", sandbox.file("inside")).unwrap();
    sandbox.write_manifest("[run]\nmounts = [\"./inside:/x:ro\"]\n");
    assert_eq!(sandbox.run(&["up", "--bootstrap", "--yes"]).code, 2);
}

#[test]
fn two_at_once_do_it_once() {
    let sandbox = Sandbox::new("");
    let start = || {
        let mut command = sandbox.command(&["up", "--bootstrap", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()].map(|child| ran(child.wait_with_output()));
    let changed = both.iter().map(|ran| {
        let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
        document["changed"].as_bool().unwrap()
    });
    assert_eq!(changed.filter(|changed| *changed).count(), 1);
    assert!(both.iter().any(|ran| ran.stderr.contains("waiting for it")), "{both:#?}");
}

#[test]
fn what_a_killed_up_left_is_mended() {
    let sandbox = Sandbox::new("");
    sandbox.ok(&["build", "--bootstrap"]);
    for delay in [30, 60, 90, 120, 180, 250, 350] {
        let mut child =
            sandbox.command(&["up", "--bootstrap"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        sandbox.is_up();
        assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
        sandbox.ok(&["down"]);
    }
}
