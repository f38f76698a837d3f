//! The effects of a project's `[network]` on the host: none without agreement, and with agreement only the announced
//! ones.

use std::fs;
use std::process::Command;

use crate::sandbox::Sandbox;

/// Keys that decide which servers downloads ask or trust.
const SETTINGS: &[&str] = &[
    "apt-mirror = \"http://mirror.example/debian\"",
    "pip-index = \"https://index.example/simple\"",
    "pip-extra-indexes = [\"https://index.example/simple\"]",
    "image-mirror = \"mirror.example:5000\"",
    "proxy = \"http://proxy.example:3128\"",
    "no-proxy = [\"*\"]",
    "python-mirror = \"https://mirror.example/python\"",
    "ca-certificates = [\"./ca.pem\"]",
    "ca-certificates = [\"~/.ssh/id_ed25519\"]",
    "ca-certificates = [\"/etc/shadow\"]",
];

#[test]
fn every_setting_of_a_project_is_asked_about_before_a_download() {
    let sandbox = Sandbox::new("");
    for setting in SETTINGS {
        for file in ["envctl.toml", "envctl.local.toml"] {
            sandbox.write_manifest("");
            let _ = fs::remove_file(sandbox.file("envctl.local.toml"));
            if file == "envctl.toml" {
                sandbox.write_manifest(&format!("[network]\n{setting}\n"));
            } else {
                fs::write(sandbox.file(file), format!("[network]\n{setting}\n")).unwrap();
            }
            for verb in ["lock", "up"] {
                let answer = sandbox.json(&[verb]);
                assert_eq!(answer["error"]["kind"], "not-granted", "{verb} {file} {setting}: {answer:#}");
            }
        }
    }
    assert!(!sandbox.file("envctl.lock").exists());
}

#[test]
fn an_answer_shows_no_password() {
    let sandbox = Sandbox::new("[network]\nproxy = \"http://ada:very-secret@proxy.example:3128\"\n");
    let answer = sandbox.run(&["lock", "--json"]);
    let told = answer.stdout.split("\"snippets\"").next().unwrap();
    assert!(told.contains("proxy.example") && !told.contains("very-secret"), "{answer:#?}");
}

#[test]
fn no_file_but_certificates_gets_into_a_build() {
    let sandbox = Sandbox::new("[network]\nca-certificates = [\"~/.ssh/id_ed25519\"]\n");
    let answer = sandbox.json(&["lock", "--allow", "network-settings"]);
    assert_eq!(answer["error"]["kind"], "no-certificates", "{answer:#}");
}

/// A new certificate for the test.
fn certificate(name: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem").display().to_string();
    let subject = format!("/CN={name}");
    let arguments = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", &subject, "-keyout", &key];
    let made = Command::new("openssl").args(arguments).output().expect("openssl runs");
    assert!(made.status.success(), "{made:?}");
    String::from_utf8(made.stdout).unwrap()
}

#[test]
fn certificates_that_changed_are_asked_about_again() {
    for (file, grant) in [("envctl.toml", "network-settings"), ("envctl.local.toml", "local-overlay")] {
        let sandbox = Sandbox::new("");
        let setting = "[network]\nca-certificates = [\"./ca.pem\"]\n";
        let text = fs::read_to_string(sandbox.file(file)).unwrap_or_default();
        fs::write(sandbox.file(file), format!("{text}{setting}")).unwrap();
        fs::write(sandbox.file("ca.pem"), certificate("one")).unwrap();
        sandbox.ok(&["lock", "--allow", grant]);
        sandbox.ok(&["lock"]);
        fs::write(sandbox.file("ca.pem"), certificate("two")).unwrap();
        let changed = sandbox.json(&["lock"]);
        assert_eq!(changed["error"]["kind"], "not-granted", "{file}: {changed:#}");
    }
}

#[test]
fn a_persons_own_settings_need_no_consent() {
    let sandbox = Sandbox::new("");
    let config = sandbox.home().join(".config/envctl");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "[network]\nno-proxy = [\".example\"]\n").unwrap();
    sandbox.ok(&["lock"]);
}
