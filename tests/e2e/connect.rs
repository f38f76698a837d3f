//! The connection: every program of OpenSSH, the user's own configuration, the owners of its files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::sandbox::Sandbox;

#[test]
fn every_program_of_openssh_gets_in() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    let python = "import onnxruntime; print(onnxruntime.__name__)";
    assert_eq!(sandbox.ssh(&["python", "-c", &format!("'{python}'")]), "onnxruntime");
    assert_eq!(sandbox.ssh(&["pwd"]), sandbox.ssh(&["echo", "$HOME"]));

    fs::write(sandbox.file("there"), "and back").unwrap();
    let copied = sandbox.openssh("scp", &["-q", "there", "e2e:copy"]);
    assert_eq!(copied.code, 0, "{copied:#?}");
    let listed = sandbox.openssh("sftp", &["-q", "e2e:copy", "back"]);
    assert_eq!(listed.code, 0, "{listed:#?}");
    assert_eq!(fs::read_to_string(sandbox.file("back")).unwrap(), "and back");

    let config = sandbox.home().join(".ssh/config");
    let remote = format!("ssh -F {} -o BatchMode=yes", config.display());
    let mut rsync = std::process::Command::new("rsync");
    rsync.args(["-a", "-e", &remote, "there", "e2e:synced"]).current_dir(sandbox.project());
    let synced = crate::sandbox::ran(rsync.output());
    assert_eq!(synced.code, 0, "{synced:#?}");
    assert_eq!(sandbox.ssh(&["cat", "synced"]), "and back");
}

#[test]
fn envctl_ssh_passes_arguments_and_exit_codes_on() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    assert_eq!(sandbox.ok(&["ssh", "echo", "in"]).stdout, "in\n");
    assert_eq!(sandbox.run(&["ssh", "--", "exit", "7"]).code, 7);
    assert_eq!(sandbox.run(&["ssh", "-o", "LogLevel=ERROR", "false"]).code, 1);
}

#[test]
fn a_stranger_is_refused_and_passwords_are_not_asked_for() {
    let sandbox = Sandbox::new("");
    let up = sandbox.is_up();
    let port = up["endpoint"]["port"].as_u64().unwrap().to_string();
    let user = up["endpoint"]["user"].as_str().unwrap();
    let stranger = tempfile::tempdir().unwrap();
    let key = stranger.path().join("key");
    let made =
        std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.unwrap().success());
    let mut ssh = std::process::Command::new("ssh");
    ssh.args([
        "-F",
        "none",
        "-o",
        "BatchMode=yes",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
    ]);
    ssh.args(["-o", "IdentitiesOnly=yes", "-i"]).arg(&key).args(["-p", &port, "-l", user, "127.0.0.1", "true"]);
    let refused = crate::sandbox::ran(ssh.env_remove("SSH_AUTH_SOCK").output());
    assert_eq!(refused.code, 255, "{refused:#?}");
    assert!(refused.stderr.contains("Permission denied (publickey)"), "{refused:#?}");
}

#[test]
fn a_person_without_a_key_gets_one_for_envctl_alone() {
    let sandbox = Sandbox::without_key("");
    sandbox.is_up();
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
    assert!(!sandbox.home().join(".ssh/id_ed25519").exists());
}

#[test]
fn a_key_added_later_gets_in_without_a_new_container() {
    let sandbox = Sandbox::new("");
    let before = sandbox.is_up();
    let key = sandbox.home().join("laptop");
    let made =
        std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.unwrap().success());
    fs::copy(key.with_extension("pub"), sandbox.home().join(".ssh/authorized_keys")).unwrap();
    let after = sandbox.is_up();
    assert_eq!(after["steps"].as_array().unwrap().len(), 1, "{after:#}");
    assert_eq!(after["steps"][0]["reason"]["kind"], "keys-changed");
    assert_eq!(before["endpoint"]["fingerprint"], after["endpoint"]["fingerprint"]);
    let identity = format!("IdentityFile={}", key.display());
    let entered = sandbox.openssh("ssh", &["-o", "IdentitiesOnly=yes", "-o", &identity, "e2e", "echo", "in"]);
    assert_eq!(entered.stdout, "in\n", "{entered:#?}");
}

#[test]
fn files_belong_to_the_same_person_on_both_sides() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    sandbox.ssh(&["touch", "/workspace/made-inside"]);
    let inside = fs::metadata(sandbox.file("made-inside")).unwrap();
    let project = fs::metadata(sandbox.project()).unwrap();
    assert_eq!((inside.uid(), inside.gid()), (project.uid(), project.gid()));
}

#[test]
fn the_host_key_outlives_the_container() {
    let sandbox = Sandbox::new("");
    let first = sandbox.is_up();
    sandbox.ok(&["down"]);
    let second = sandbox.is_up();
    assert_eq!(first["endpoint"]["fingerprint"], second["endpoint"]["fingerprint"]);
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
}

#[test]
fn a_read_only_configuration_is_respected() {
    let sandbox = Sandbox::new("");
    let config = sandbox.home().join(".ssh/config");
    fs::write(&config, "Host *\n").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o444)).unwrap();
    let up = sandbox.run(&["up", "--bootstrap"]);
    assert_eq!(up.code, 0, "{up:#?}");
    assert!(up.stderr.contains("read-only"), "{up:#?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "Host *\n");
    assert_eq!(sandbox.ok(&["ssh", "echo", "in"]).stdout, "in\n");
}

#[test]
fn a_linked_configuration_stays_a_link_and_keeps_its_bytes() {
    let sandbox = Sandbox::new("");
    let dotfiles = sandbox.home().join("dotfiles");
    fs::create_dir(&dotfiles).unwrap();
    fs::write(dotfiles.join("ssh"), "# mine\nHost other\n\tUser me\n").unwrap();
    let config = sandbox.home().join(".ssh/config");
    std::os::unix::fs::symlink("../dotfiles/ssh", &config).unwrap();
    sandbox.is_up();
    sandbox.ok(&["down"]);
    sandbox.is_up();
    assert!(fs::symlink_metadata(&config).unwrap().is_symlink());
    let text = fs::read_to_string(dotfiles.join("ssh")).unwrap();
    assert_eq!(text.matches("Include").count(), 1, "{text}");
    assert!(text.starts_with("Include ") && text.ends_with("\n# mine\nHost other\n\tUser me\n"), "{text}");
    assert_eq!(sandbox.ssh(&["echo", "in"]), "in");
}

#[test]
fn the_entry_goes_with_the_environment() {
    let sandbox = Sandbox::new("");
    let id = sandbox.is_up()["id"].as_str().unwrap().to_owned();
    let fragment = || fs::read_to_string(sandbox.home().join(".ssh/envctl_config")).unwrap();
    assert!(fragment().contains(&format!("Host {id} e2e\n")), "{}", fragment());
    sandbox.ok(&["down"]);
    assert!(!fragment().contains(&id), "{}", fragment());
}

#[test]
fn the_card_serves_someone_at_another_computer() {
    let sandbox = Sandbox::new("");
    sandbox.is_up();
    let card = sandbox.ok(&["status", "--connect"]).stdout;
    for words in ["ProxyJump ", "/opt/envctl/venv/bin/python", "-> /workspace", "PyCharm", "VS Code", "SHA256:"] {
        assert!(card.contains(words), "{words}: {card}");
    }
}
