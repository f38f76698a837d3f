//! State, keys, containers and networks that a user removed, renamed or overwrote by hand.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, ran};

/// A command of a user to the engine, without envctl.
fn docker(arguments: &[&str]) -> String {
    let ran = ran(Command::new("docker").args(arguments).output());
    assert_eq!(ran.code, 0, "docker {arguments:?}: {ran:#?}");
    ran.stdout.trim().to_owned()
}

fn container(up: &Value) -> String {
    format!("envctl-{}", up["id"].as_str().unwrap())
}

fn engine_id(container: &str) -> String {
    docker(&["inspect", "-f", "{{.Id}}", container])
}

/// Removes the state of the environment, with the files that envctl set aside.
fn forget_state(sandbox: &Sandbox) {
    fs::remove_dir_all(sandbox.home().join(".local/state/envctl")).unwrap();
}

/// An `up` without an option for the base.
fn plain_up(sandbox: &Sandbox) -> Value {
    let up = sandbox.json(&["up", "--yes"]);
    assert_eq!(up["ok"], true, "{up:#}");
    up
}

#[test]
fn one_up_puts_right_what_hands_made_of_an_environment() {
    let sandbox = Sandbox::new("");
    let first = sandbox.is_up();
    let (name, fingerprint) = (container(&first), first["endpoint"]["fingerprint"].clone());
    let id = engine_id(&name);
    sandbox.ssh(&["touch", "kept"]);

    // Renamed: the container gets its name back, and no second container appears.
    docker(&["rename", &name, &format!("{name}-mine")]);
    assert_eq!(sandbox.json(&["status"])["environment"]["status"], "running");
    let renamed = plain_up(&sandbox);
    assert_eq!((engine_id(&name), &renamed["steps"]), (id.clone(), &json!([])), "{renamed:#}");
    assert_eq!(sandbox.ssh(&["ls", "kept"]), "kept");

    // Renamed and stopped: the container still holds its own port.
    docker(&["rename", &name, &format!("{name}-mine")]);
    docker(&["stop", "-t", "0", &format!("{name}-mine")]);
    let started = plain_up(&sandbox);
    assert_eq!((engine_id(&name), &started["endpoint"]["port"]), (id.clone(), &first["endpoint"]["port"]));

    // The state is lost while the container runs: the container, its port and its host key stay.
    forget_state(&sandbox);
    let recovered = plain_up(&sandbox);
    assert_eq!((engine_id(&name), &recovered["endpoint"]["fingerprint"]), (id, &fingerprint), "{recovered:#}");
    assert_eq!(recovered["endpoint"]["port"], first["endpoint"]["port"]);
    assert_eq!(sandbox.ssh(&["ls", "kept"]), "kept");

    // The state and the container are lost: the engine's base is used without a registry, and the host key stays.
    docker(&["rm", "-f", &name]);
    forget_state(&sandbox);
    let made = plain_up(&sandbox);
    let actions: Vec<_> = made["steps"].as_array().unwrap().iter().map(|step| &step["action"]).collect();
    assert_eq!(actions, ["create", "upload", "start"], "{made:#}");
    assert_eq!(made["endpoint"]["fingerprint"], fingerprint);
    assert_eq!(sandbox.ssh(&["ls", "kept"]), "kept");
    let left = docker(&["ps", "-a", "--format", "{{.Names}}", "--filter", &format!("name={name}")]);
    assert_eq!(left, name, "nothing is left of the reading of the volume");

    // After a restart by the engine, a container that `up` reports as running answers, although `up` had no work.
    docker(&["restart", "-t", "0", &name]);
    let restarted = plain_up(&sandbox);
    assert_eq!((&restarted["steps"], sandbox.ssh(&["ls", "kept"])), (&json!([]), "kept".to_owned()));

    // The container loses its network while it runs.
    docker(&["network", "disconnect", "-f", "envctl", &name]);
    let connected = plain_up(&sandbox);
    assert_eq!(connected["steps"][0]["reason"]["kind"], "network-gone", "{connected:#}");
    assert_eq!(sandbox.ssh(&["ls", "kept"]), "kept");
}

/// A key that remains in the container or its volume is used again. Only after the loss of both does envctl make a new
/// one.
#[test]
fn junk_in_the_state_directory_is_kept_aside_and_the_host_key_stays() {
    let sandbox = Sandbox::new("");
    let first = sandbox.is_up();
    let (name, fingerprint) = (container(&first), first["endpoint"]["fingerprint"].clone());
    let known = fs::canonicalize(first["endpoint"]["known_hosts"].as_str().unwrap()).unwrap();
    let state = known.parent().unwrap();
    let (key, remembered) = (state.join("host_ed25519"), state.join("state.json"));
    let is_as_before = |up: &crate::sandbox::Ran, spoilt: &[&str]| {
        assert_eq!(up.code, 0, "{up:#?}");
        for file in spoilt {
            assert!(up.stderr.contains(&format!("{file}.broken")), "{file}: {up:#?}");
            let junk = fs::read_to_string(state.join(format!("{file}.broken"))).unwrap();
            assert_eq!(junk, "junk\n");
            fs::remove_file(state.join(format!("{file}.broken"))).unwrap();
        }
        assert_eq!(sandbox.json(&["status"])["environment"]["endpoint"]["fingerprint"], fingerprint);
        sandbox.ssh(&["true"]);
    };
    let up = ["up", "--bootstrap", "--yes"];

    fs::write(&key, "junk\n").unwrap();
    is_as_before(&sandbox.run(&up), &["host_ed25519"]);
    fs::write(&remembered, "junk\n").unwrap();
    is_as_before(&sandbox.run(&up), &["state.json"]);
    fs::remove_file(&key).unwrap();
    let planned = sandbox.run(&["plan", "--bootstrap"]);
    assert!(!key.exists(), "a plan makes no key: {planned:#?}");
    is_as_before(&sandbox.run(&up), &[]);

    // All other commands that change it, and one that only reads.
    fs::write(&remembered, "junk\n").unwrap();
    let refused = sandbox.json(&["ssh"]);
    assert_eq!(refused["error"]["kind"], "state-damaged", "{refused:#}");
    assert!(refused["error"]["hints"][0].as_str().unwrap().contains("`envctl up`"), "{refused:#}");
    sandbox.ok(&["restart", "--force"]);
    fs::remove_file(state.join("state.json.broken")).unwrap();

    // The container is lost, and both files are damaged: the key comes from the volume.
    docker(&["rm", "-f", &name]);
    fs::write(&key, "junk\n").unwrap();
    fs::write(&remembered, "junk\n").unwrap();
    is_as_before(&sandbox.run(&up), &["host_ed25519", "state.json"]);

    // The volume is lost, too: no copy of the key exists, and the user sees a message.
    docker(&["rm", "-f", &name]);
    docker(&["volume", "rm", &format!("{name}-ssh")]);
    fs::write(&key, "junk\n").unwrap();
    let made = sandbox.ok(&up);
    assert!(made.stderr.contains("new host key"), "{made:#?}");
    assert_ne!(sandbox.json(&["status"])["environment"]["endpoint"]["fingerprint"], fingerprint);
    sandbox.ssh(&["true"]);
}

/// Every image made from the container has its label.
#[test]
fn a_copy_of_a_container_is_not_taken_for_it() {
    let sandbox = Sandbox::new("");
    let name = container(&sandbox.is_up());
    let (image, copy) = (format!("{name}-copy:1"), format!("{name}-copy"));
    docker(&["commit", &name, &image]);
    docker(&["create", "--name", &copy, "--entrypoint", "true", &image]);
    let down = sandbox.run(&["down", "--force"]);
    assert_eq!(down.code, 0, "{down:#?}");
    assert!(sandbox.json(&["status"])["environment"]["container"].is_null());
    assert_eq!(engine_id(&copy).len(), 64, "it is still there");
    docker(&["rm", &copy]);
    docker(&["rmi", &image]);
}

#[test]
fn an_image_that_others_use_stays_and_the_rest_goes() {
    let more = "[build]\nrun = [\"touch /shared-by-two\"]\n";
    let (one, other) = (Sandbox::new(more), Sandbox::new(more));
    let (first, second) = (one.is_up(), other.is_up());
    let down = one.run(&["down", "--volumes", "--image", "--yes"]);
    assert_eq!(down.code, 0, "{down:#?}");
    assert!(down.stderr.contains(&container(&second)) && down.stderr.contains("stays"), "{down:#?}");
    let id = first["id"].as_str().unwrap();
    assert_eq!(docker(&["volume", "ls", "-q", "--filter", &format!("name=envctl-{id}-")]), "");
    assert_eq!(other.ssh(&["ls", "/shared-by-two"]), "/shared-by-two");
    let image = docker(&["inspect", "-f", "{{.Config.Image}}", &container(&second)]);
    other.ok(&["down", "--volumes", "--image", "--yes"]);
    assert_eq!(docker(&["images", "-q", &image]), "", "the last one takes it away");
}

#[test]
fn down_takes_every_image_of_the_environment() {
    let sandbox = Sandbox::without_key("");
    let build = |step: &str| {
        sandbox.write_manifest(&format!("[build]\nrun = [\"touch /built-{step}\"]\n"));
        let built = sandbox.json(&["build", "--bootstrap"]);
        built["image"].as_str().unwrap_or_else(|| panic!("{built:#}")).to_owned()
    };
    let images = ["one", "two", "three"].map(build);
    let label = "{{index .Config.Labels \"envctl.image-of\"}}";
    let id = docker(&["image", "inspect", "-f", label, &images[0]]);
    let all = || docker(&["images", "-q", "--filter", &format!("label=envctl.image-of={id}")]);
    assert_eq!(all().lines().count(), 3);
    // One image without a name, and one that the user named.
    docker(&["tag", &images[0], "mine:1"]);
    docker(&["tag", "mine:1", &images[1]]);
    sandbox.ok(&["down", "--image", "--yes"]);
    let left =
        docker(&["images", "--filter", &format!("label=envctl.image-of={id}"), "--format", "{{.Repository}}:{{.Tag}}"]);
    assert_eq!(left, "mine:1");
    docker(&["rmi", "mine:1"]);
}

#[test]
fn a_place_for_the_state_that_takes_nothing_is_named() {
    let sandbox = Sandbox::new("");
    let mut up = sandbox.command(&["up", "--bootstrap", "--yes", "--json"]);
    let refused = ran(up.env("XDG_STATE_HOME", "/proc/self").output());
    let document: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!((refused.code, &document["error"]["kind"]), (1, &json!("unwritable")), "{refused:#?}");
    assert!(document["error"]["message"].as_str().unwrap().contains("/proc/self/envctl"), "{document:#}");
}
