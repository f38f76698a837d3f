//! Environments of two users of one engine, and of two manifests in one directory. Neither may reach the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, ran};

fn succeeds(program: &str, arguments: &[&str]) -> String {
    let ran = ran(Command::new(program).args(arguments).output());
    assert_eq!(ran.code, 0, "{program} {arguments:?}: {ran:#?}");
    ran.stdout.trim().to_owned()
}

/// A user with an account and access to the engine. Dropping it removes both.
struct User {
    name: String,
    /// The sandbox. `None` only while it is dropped.
    sandbox: Option<Sandbox>,
}

impl User {
    fn new(name: &str) -> Self {
        let name = format!("{name}{}", std::process::id());
        let mut sandbox = Sandbox::new("");
        let home = sandbox.home().display().to_string();
        succeeds("useradd", &["--no-create-home", "--home-dir", &home, "--shell", "/bin/sh", &name]);
        let place = sandbox.project().parent().unwrap().display().to_string();
        // Root made the base. Without this record the user would make another one.
        let bases = sandbox.home().join(".cache/envctl/bootstrap");
        fs::create_dir_all(&bases).unwrap();
        let record = "cache/envctl/bootstrap/debian-12-x86_64.json";
        fs::copy(Path::new(env!("CARGO_TARGET_TMPDIR")).join(record), bases.join("debian-12-x86_64.json")).unwrap();
        succeeds("chown", &["--recursive", &format!("{name}:"), &place]);
        // Other users can read the directory: its mode does not separate the users.
        succeeds("chmod", &["0755", &place]);
        let number = |what: &str| succeeds("id", &[what, &name]);
        let engine = succeeds("stat", &["--format=%g", "/var/run/docker.sock"]);
        let words = [
            "setpriv".to_owned(),
            format!("--reuid={}", number("-u")),
            format!("--regid={}", number("-g")),
            format!("--groups={engine}"),
            "env".to_owned(),
            format!("XDG_CACHE_HOME={home}/.cache"),
            format!("USER={name}"),
        ];
        sandbox.through = words.to_vec();
        Self { name, sandbox: Some(sandbox) }
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.sandbox = None;
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}

fn id(up: &Value) -> &str {
    up["id"].as_str().unwrap()
}

#[test]
fn two_users_of_one_engine_reach_only_their_own_environments() {
    // The base and the tools that all users share, and one lock.
    let first = Sandbox::new("");
    first.ok(&["build", "--bootstrap"]);
    let (ada, eve) = (User::new("ada"), User::new("eve"));
    for user in [&ada, &eve] {
        fs::copy(first.file("envctl.lock"), user.sandbox().file("envctl.lock")).unwrap();
        succeeds("chown", &[&format!("{}:", user.name), user.sandbox().file("envctl.lock").to_str().unwrap()]);
    }
    let (hers, other) = std::thread::scope(|scope| {
        let hers = scope.spawn(|| ada.sandbox().is_up());
        let other = scope.spawn(|| eve.sandbox().is_up());
        (hers.join().unwrap(), other.join().unwrap())
    });
    assert_ne!(id(&hers), id(&other));
    assert_ne!(hers["endpoint"]["port"], other["endpoint"]["port"]);
    assert_ne!(hers["endpoint"]["fingerprint"], other["endpoint"]["fingerprint"]);
    for (user, up) in [(&ada, &hers), (&eve, &other)] {
        let sandbox = user.sandbox();
        assert_eq!(up["endpoint"]["alias"], "e2e", "each has the name in a configuration of their own");
        assert_eq!(
            sandbox.ssh(&["id -un; echo mine > ~/mine; touch /workspace/made; ls /workspace"]),
            format!("{}\nenvctl.lock\nenvctl.toml\nmade", user.name)
        );
        let volumes = succeeds("docker", &["volume", "ls", "-q", "--filter", &format!("name=envctl-{}-", id(up))]);
        assert_eq!(volumes.lines().count(), 2, "{volumes}");
    }
    assert_eq!(ada.sandbox().ssh(&["cat ~/mine"]), "mine");
    keys_of_one_open_nothing_of_the_other(&ada, &hers, &eve);
    the_other_takes_nothing_down(&ada, &hers, &eve);

    // Each user removes all of their own environment, and nothing else.
    eve.sandbox().ok(&["down", "--volumes", "--image", "--force", "--yes"]);
    assert_eq!(ada.sandbox().ssh(&["cat ~/mine"]), "mine");
    let left = succeeds("docker", &["ps", "-a", "--format", "{{.Names}}", "--filter", &format!("name={}", id(&other))]);
    assert_eq!(left, "");
}

fn keys_of_one_open_nothing_of_the_other(ada: &User, hers: &Value, eve: &User) {
    let port = hers["endpoint"]["port"].to_string();
    let at = format!("{}@127.0.0.1", ada.name);
    let options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-p", &port];
    let key = eve.sandbox().home().join(".ssh/id_ed25519");
    let words: Vec<_> = options.into_iter().chain(["-i", key.to_str().unwrap(), &at, "true"]).collect();
    let refused: Ran = eve.sandbox().openssh("ssh", &words);
    assert!(refused.code == 255 && refused.stderr.contains("Permission denied"), "{refused:#?}");
}

/// The other user's manifest is readable, but it means an environment of the caller's own.
fn the_other_takes_nothing_down(ada: &User, hers: &Value, eve: &User) {
    let manifest: PathBuf = ada.sandbox().file("envctl.toml");
    let named = |arguments: &[&str]| {
        let manifest = ["--manifest", manifest.to_str().unwrap()];
        eve.sandbox().run(&arguments.iter().copied().chain(manifest).collect::<Vec<_>>())
    };
    let started =
        || succeeds("docker", &["inspect", "--format", "{{.State.StartedAt}}", &format!("envctl-{}", id(hers))]);
    let before = started();
    let down = named(&["down", "--volumes", "--image", "--force", "--yes"]);
    assert!(down.code == 0 && down.stdout.contains("was not there"), "{down:#?}");
    let shown = named(&["status", "--json"]).stdout;
    assert!(!shown.contains(id(hers)), "{shown}");
    for verb in ["stop", "restart", "exec", "ssh"] {
        let more: &[&str] = if matches!(verb, "exec" | "ssh") { &["--", "true"] } else { &[] };
        let manifest = ["--manifest", manifest.to_str().unwrap()];
        let words: Vec<_> = [verb].iter().chain(&manifest).chain(more).copied().collect();
        let ran = eve.sandbox().run(&words);
        assert!(ran.code != 0 || verb == "stop" && ran.stdout.contains("was not running"), "{verb}: {ran:#?}");
    }
    assert_eq!(started(), before);
    assert_eq!(ada.sandbox().ssh(&["cat ~/mine"]), "mine");
}

#[test]
fn two_manifests_of_one_directory_run_beside_each_other() {
    let sandbox = Sandbox::new("");
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    fs::write(sandbox.file("other.toml"), format!("{manifest}[run]\nenv = {{ WHICH = \"other\" }}\n")).unwrap();
    let first = sandbox.is_up();
    let other = sandbox.up(&["--manifest", "other.toml"]);
    assert_eq!(other["ok"], true, "{other:#}");
    assert_ne!(id(&first), id(&other));
    assert_ne!(first["endpoint"]["port"], other["endpoint"]["port"]);
    assert_eq!((&first["endpoint"]["alias"], &other["endpoint"]["alias"]), (&"e2e".into(), &Value::Null));
    assert_eq!(sandbox.ssh(&["echo first > ~/mine; echo ${WHICH:-none}"]), "none");
    let in_other = sandbox.openssh("ssh", &[id(&other), "ls ~/mine 2>/dev/null; echo $WHICH"]);
    assert_eq!(in_other.stdout, "other\n", "{in_other:#?}");
    // The second `up` of each user finds the user's own environment and has no work.
    for arguments in [&["up", "--bootstrap", "--yes"][..], &["up", "--bootstrap", "--yes", "--manifest", "other.toml"]]
    {
        let again = sandbox.json(arguments);
        assert_eq!(again["changed"], false, "{again:#}");
    }
    sandbox.ok(&["down", "--volumes", "--force", "--yes", "--manifest", "other.toml"]);
    assert_eq!(sandbox.ssh(&["cat ~/mine"]), "first");
}

#[test]
fn a_directory_with_the_identity_of_another_gets_nothing_of_it() {
    let sandbox = Sandbox::new("");
    let up = sandbox.is_up();
    // The hash has 64 bits, so the test moves the stored directory instead of searching for two directories that collide.
    let state = sandbox.home().join(".local/state/envctl/environments");
    let state = fs::read_dir(state).unwrap().next().unwrap().unwrap().path().join(id(&up)).join("state.json");
    let kept = fs::read_to_string(&state).unwrap();
    let mut stored: Value = serde_json::from_str(&kept).unwrap();
    stored["project"] = "/srv/other".into();
    fs::write(&state, stored.to_string()).unwrap();
    let verbs: [&[&str]; 8] = [
        &["up", "--bootstrap", "--yes", "--force"],
        &["plan"],
        &["status"],
        &["logs"],
        &["exec", "--", "true"],
        &["ssh", "true"],
        &["stop"],
        &["down", "--volumes", "--force", "--yes"],
    ];
    for verb in verbs {
        let ran = sandbox.run(verb);
        assert_ne!(ran.code, 0, "{verb:?}: {ran:#?}");
        assert!(ran.stderr.contains("belongs to `/srv/other`"), "{verb:?}: {ran:#?}");
    }
    fs::write(&state, kept).unwrap();
    assert_eq!(sandbox.is_up()["changed"], false);
}
