//! The requests of a project beyond its own directory and its own container. envctl asks about each or refuses it.
//!
//! Every case is `up --yes` without a terminal and without `--allow`, as in a script: nobody agrees, and nothing is
//! made.

use std::fs;
use std::process::Command;

use crate::sandbox::{Ran, Sandbox, ran};

/// Lines of a manifest without an agreement, and the grant that the answer names.
const ASKED: &[(&str, &str)] = &[
    ("[run]\nmounts = [\"/:/host\"]\n", "engine-socket"),
    ("[run]\nmounts = [\"/etc:/host\"]\n", "mounts"),
    ("[run]\nmounts = [\"/etc/ssl:/x:ro\"]\n", "mounts"),
    ("[run]\nmounts = [\"..:/x\"]\n", "mounts"),
    ("[run]\nmounts = [\"~/.ssh:/x:ro\"]\n", "mounts"),
    ("[run]\nmounts = [\"./data/../..:/x\"]\n", "mounts"),
    ("[run]\nmounts = [{ from = \"/srv\", to = \"/x\", read-only = true }]\n", "mounts"),
    ("[run]\nmounts = [\"/var/run/docker.sock:/s\"]\n", "engine-socket"),
    ("[run]\nmounts = [\"/var/run:/s\"]\n", "engine-socket"),
    ("[run]\nprivileged = true\n", "privileged"),
    ("[run]\ncap-add = [\"SYS_ADMIN\"]\n", "capabilities"),
    ("[run]\ndevices = [\"/dev/null\"]\n", "devices"),
    ("[run]\nnetwork = \"host\"\n", "host-network"),
    ("[run]\nnetwork = \"somebody-elses\"\n", "network"),
    ("[run]\nipc = \"host\"\n", "host-ipc"),
    ("[run]\nports = [\"0.0.0.0:18022:22\"]\n", "ssh-beyond-loopback"),
    ("[run]\nports = [\"[::]:18022:22\"]\n", "ssh-beyond-loopback"),
    ("[run]\nports = [\"0.0.0.0:18888:8888\"]\n", "ports-beyond-loopback"),
    ("[run]\nports = [\"192.0.2.7::8888\"]\n", "ports-beyond-loopback"),
    ("[ssh]\nlisten = \"0.0.0.0\"\n", "ssh-beyond-loopback"),
    ("[run]\nenv-file = \"~/.netrc\"\n", "env-file"),
    ("[ssh]\nauthorized-keys = [\"~/.ssh/id_ed25519\"]\n", "authorized-keys"),
    ("[build]\nsecrets = [\"id=t,env=HOME\"]\n", "build-secrets"),
    ("[build]\nsecrets = [\"id=t,src=~/.ssh/id_ed25519\"]\n", "build-secrets"),
    ("[build]\nappend = \"COPY --from=private/image:1 /x /x\"\n", "image"),
    ("[build]\nappend = \"RUN --mount=type=bind,from=private,target=/p true\"\n", "image"),
    ("[python]\npackages = [\"six @ https://files.example/six-1-py3-none-any.whl\"]\n", "package-urls"),
];

fn refused(sandbox: &Sandbox, grant: &str) {
    let up = sandbox.up(&[]);
    assert_eq!((&up["ok"], &up["error"]["kind"]), (&false.into(), &"not-granted".into()), "{grant}: {up:#}");
    let hint = up["error"]["hints"][0].as_str().unwrap();
    assert!(
        hint.contains(&format!("--allow {grant}`")) || hint.contains(&format!("--allow {grant} ")),
        "{grant}: {hint}"
    );
    assert!(!sandbox.file("envctl.lock").exists(), "{grant}: something was written");
}

#[test]
fn what_nobody_agreed_to_is_refused_before_anything_is_made() {
    let sandbox = Sandbox::new("");
    fs::create_dir(sandbox.file("data")).unwrap();
    for (more, grant) in ASKED {
        sandbox.write_manifest(more);
        refused(&sandbox, grant);
    }
    // An image takes the place of the base.
    let manifest = fs::read_to_string(sandbox.file("envctl.toml")).unwrap();
    let manifest =
        manifest.split("[python]").next().unwrap().replace("base = \"debian:12\"", "image = \"evil/base:1\"");
    fs::write(sandbox.file("envctl.toml"), manifest).unwrap();
    refused(&sandbox, "image");
}

#[test]
fn a_link_in_a_clone_is_judged_by_where_it_leads() {
    let sandbox = Sandbox::new("[run]\nmounts = [\"./data:/data:ro\"]\n");
    std::os::unix::fs::symlink("/", sandbox.file("data")).unwrap();
    refused(&sandbox, "engine-socket");
    fs::remove_file(sandbox.file("data")).unwrap();
    std::os::unix::fs::symlink("/etc", sandbox.file("data")).unwrap();
    refused(&sandbox, "mounts");
}

#[test]
fn an_overlay_that_a_clone_brings_is_not_the_callers() {
    let sandbox = Sandbox::new("");
    for text in [
        "[run]\nmounts = [\"/:/host\"]\n",
        "[run]\nprivileged = true\nnetwork = \"host\"\n",
        "[network]\nproxy = \"http://proxy.example:1\"\n",
    ] {
        fs::write(sandbox.file("envctl.local.toml"), text).unwrap();
        refused(&sandbox, "local-overlay");
    }
    // The user adopted this content. For another content envctl asks again.
    fs::write(sandbox.file("envctl.local.toml"), "[run]\nmounts = [\"/usr/share/doc:/doc:ro\"]\n").unwrap();
    let plan = sandbox.run(&["plan", "--bootstrap", "--allow", "local-overlay"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
}

#[test]
fn a_variable_of_the_callers_is_named_before_it_is_taken() {
    let mut sandbox = Sandbox::new("[run]\nenv-file = \".env\"\n");
    sandbox.variables.push(("AWS_SECRET_ACCESS_KEY", "very-secret".to_owned()));
    for text in ["AWS_SECRET_ACCESS_KEY\n", "A=1\n  AWS_SECRET_ACCESS_KEY  \n", "\u{feff}AWS_SECRET_ACCESS_KEY"] {
        fs::write(sandbox.file(".env"), text).unwrap();
        refused(&sandbox, "variables");
    }
    fs::write(sandbox.file(".env"), "A=AWS_SECRET_ACCESS_KEY\nNOT_SET_HERE\n#AWS_SECRET_ACCESS_KEY\n").unwrap();
    let plan = sandbox.run(&["plan", "--bootstrap"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    for name in ["ENVCTL_UID", "NVIDIA_VISIBLE_DEVICES"] {
        fs::write(sandbox.file(".env"), format!("{name}=0\n")).unwrap();
        let up = sandbox.up(&[]);
        assert!(up["error"]["message"].as_str().unwrap().contains("envctl sets"), "{up:#}");
    }
}

#[test]
fn a_volume_that_is_there_already_is_asked_about() {
    let name = format!("attack-volume-{}", std::process::id());
    let docker = |arguments: &[&str]| ran(Command::new("docker").args(arguments).output());
    assert_eq!(docker(&["volume", "create", &name]).code, 0);
    let sandbox = Sandbox::new(&format!("[run]\nmounts = [\"{name}:/v\"]\n"));
    refused(&sandbox, "volumes");
    assert_eq!(docker(&["volume", "rm", &name]).code, 0);
    for volume in ["envctl-lab-1a2b3c4d-ssh", "envctl-lab-1a2b3c4d-home"] {
        sandbox.write_manifest(&format!("[run]\nmounts = [\"{volume}:/v\"]\n"));
        let up = sandbox.up(&[]);
        assert_eq!(up["error"]["kind"], "bad-manifest", "{up:#}");
    }
    sandbox.write_manifest("");
}

#[test]
fn reading_is_not_writing() {
    let sandbox = Sandbox::new("[run]\nmounts = [\"/usr/share/doc:/doc:ro\"]\n");
    let build = |sandbox: &Sandbox| sandbox.up(&["--allow", "mounts=/usr/share/doc"]);
    assert_eq!(build(&sandbox)["ok"], true);
    sandbox.write_manifest("[run]\nmounts = [\"/usr/share/doc:/doc\"]\n");
    let up = sandbox.up(&[]);
    assert_eq!(up["error"]["kind"], "not-granted", "{up:#}");
    assert!(!up["error"]["message"].as_str().unwrap().contains("read-only"), "{up:#}");
}

#[test]
fn each_thing_asked_for_has_a_line_that_can_be_typed() {
    let sandbox = Sandbox::new("[run]\nmounts = [\"/usr/share/doc:/doc:ro\"]\ncap-add = [\"SYS_PTRACE\"]\n");
    fs::write(sandbox.file("envctl.local.toml"), "[run]\nports = [\"0.0.0.0:17791:7777\"]\n").unwrap();
    let up = sandbox.up(&[]);
    assert!(up["error"]["message"].as_str().unwrap().contains("3 things"), "{up:#}");
    let lines: Vec<_> = up["error"]["output"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    for parts in [
        ["--allow capabilities=SYS_PTRACE ", "envctl.toml:", "root on this host"],
        ["--allow mounts=/usr/share/doc:ro ", "envctl.toml:", "(read-only)"],
        ["--allow local-overlay ", "envctl.local.toml:2", "0.0.0.0:17791 -> 7777"],
    ] {
        assert!(lines.iter().any(|line| parts.iter().all(|part| line.contains(part))), "{parts:?}: {lines:#?}");
    }
    let slip = sandbox.up(&["--allow", "capabilities=ptrace"]);
    assert_eq!(slip["error"]["kind"], "grant-not-asked", "{slip:#}");
    assert!(slip["error"]["hints"][0].as_str().unwrap().contains("`--allow capabilities=SYS_PTRACE`"), "{slip:#}");
    let typed =
        ["--allow", "capabilities=SYS_PTRACE", "--allow", "mounts=/usr/share/doc:ro", "--allow", "local-overlay"];
    let plan = sandbox.run(&[&["plan", "--bootstrap"][..], &typed].concat());
    assert_eq!(plan.code, 10, "{plan:#?}");
}

#[test]
fn a_port_is_agreed_to_with_the_hosts_side_of_it() {
    let sandbox = Sandbox::new("[run]\nports = [\"0.0.0.0:17777:7777\"]\n");
    assert_eq!(sandbox.up(&["--allow", "ports-beyond-loopback=0.0.0.0:17777:7777"])["ok"], true);
    sandbox.write_manifest("[run]\nports = [\"0.0.0.0:17780:7777\"]\n");
    let up = sandbox.up(&[]);
    assert_eq!(up["error"]["kind"], "not-granted", "{up:#}");
    assert!(up["error"]["message"].as_str().unwrap().contains("`0.0.0.0:17780 -> 7777`"), "{up:#}");
}

#[test]
fn looking_agrees_to_nothing() {
    let sandbox = Sandbox::new("[network]\nno-proxy = [\".example\"]\n[run]\ncap-add = [\"SYS_PTRACE\"]\n");
    let both = ["--allow", "network-settings", "--allow", "capabilities"];
    let plan = sandbox.run(&[&["plan", "--bootstrap"][..], &both].concat());
    assert_eq!(plan.code, 10, "{plan:#?}");
    sandbox.ok(&["render", "--bootstrap", "--allow", "network-settings"]);
    for verb in ["plan", "render", "lock"] {
        let answer = sandbox.json(&[verb]);
        assert_eq!(answer["error"]["kind"], "not-granted", "{verb}: {answer:#}");
    }
}

#[test]
fn plan_names_everything_that_up_asks_for() {
    let sandbox = Sandbox::new(
        "[run]\nprivileged = true\nmounts = [\"/usr/share/doc:/doc:ro\"]\n[build]\nsecrets = [\"id=t,env=HOME\"]\n",
    );
    let plan = sandbox.run(&["plan", "--bootstrap"]);
    assert_eq!(plan.code, 2, "{plan:#?}");
    let named = ["--allow privileged ", "--allow mounts=/usr/share/doc:ro ", "--allow 'build-secrets=$HOME' "];
    assert!(named.iter().all(|option| plan.stderr.contains(option)), "{plan:#?}");
    let hint = "`envctl plan --allow build-secrets --allow mounts --allow privileged` shows the plan";
    assert!(plan.stderr.contains(hint), "{plan:#?}");
    // Without a part that a build needs, the plan goes as far as it can.
    sandbox.write_manifest("");
    fs::write(sandbox.file("envctl.local.toml"), "[run]\nmounts = [\"/usr/share/doc:/doc:ro\"]\n").unwrap();
    assert_eq!(sandbox.up(&["--allow", "local-overlay"])["ok"], true);
    let edited = "[run]\nmounts = [\"/usr/share/doc:/doc:ro\"] # as before\n";
    fs::write(sandbox.file("envctl.local.toml"), edited).unwrap();
    let plan = sandbox.run(&["plan", "--bootstrap"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(!plan.stdout.contains("nothing to do"), "{plan:#?}");
    assert!(plan.stderr.contains("envctl.local.toml:2, changed since you agreed to it"), "{plan:#?}");
    assert_eq!(sandbox.up(&[])["error"]["kind"], "not-granted");
}

#[test]
fn root_inside_is_asked_about_where_the_caller_is_not_root() {
    let mut sandbox = Sandbox::new("[run]\nuser = \"root\"\n");
    let owned: Ran =
        ran(Command::new("chown").args(["-R", "1000:1000"]).arg(sandbox.project().parent().unwrap()).output());
    assert_eq!(owned.code, 0);
    let group = ran(Command::new("stat").args(["--format=%g", "/var/run/docker.sock"]).output()).stdout;
    let words = ["setpriv", "--reuid=1000", "--regid=1000", &format!("--groups={}", group.trim())];
    sandbox.through = words.map(str::to_owned).to_vec();
    refused(&sandbox, "root-user");
    sandbox.write_manifest("[build]\nrun = [\"chmod 4755 /bin/bash\"]\n");
    refused(&sandbox, "root-user");
    sandbox.through.clear();
}

#[test]
fn lock_render_and_plan_ask_for_what_they_act_on() {
    let sandbox = Sandbox::new("[network]\npip-index = \"https://index.example/simple\"\n");
    for verb in ["lock", "render", "plan", "build"] {
        let answer = sandbox.json(&[verb]);
        assert_eq!(answer["error"]["kind"], "not-granted", "{verb}: {answer:#}");
    }
    for name in ["yes", "everything"] {
        let answer = sandbox.json(&["lock", "--allow", name]);
        assert_eq!(answer["error"]["kind"], "no-such-grant", "{answer:#}");
    }
}

#[test]
fn what_cannot_be_seen_is_shown_and_can_be_typed() {
    let sandbox = Sandbox::without_key("[run]\nmounts = [\"../ev\u{202e}il\u{200b}:/data\"]\n");
    fs::create_dir(sandbox.project().with_file_name("ev\u{202e}il\u{200b}")).unwrap();
    let refused = sandbox.run(&["up", "--bootstrap", "--yes"]);
    assert!(!refused.stderr.contains(['\u{202e}', '\u{200b}']), "{refused:#?}");
    let option = refused.stderr.split_once("--allow '").unwrap().1.split_once('\'').unwrap().0;
    assert!(option.ends_with("ev\\u{202e}il\\u{200b}"), "{option}");
    // Another directory has the displayed name of the first. envctl shows it in another form and asks for it
    // separately.
    let twin = r"ev\u{202e}il\u{200b}";
    fs::create_dir(sandbox.project().with_file_name(twin)).unwrap();
    let both = format!("[run]\nmounts = [\"../ev\u{202e}il\u{200b}:/data\", '../{twin}:/twin']\n");
    sandbox.write_manifest(&both);
    assert_eq!(sandbox.up(&["--allow", option])["error"]["kind"], "not-granted");
    sandbox.write_manifest("[run]\nmounts = [\"../ev\u{202e}il\u{200b}:/data\"]\n");
    let allowed = sandbox.up(&["--allow", option]);
    assert_eq!(allowed["ok"], true, "{allowed:#}");
}
