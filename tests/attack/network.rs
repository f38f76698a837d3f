//! What a project's `[network]` may do to the host: nothing that was not agreed to, and then no more than was said.

use std::fs;

use crate::sandbox::Sandbox;

/// Every key decides whom downloads ask or trust.
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

#[test]
fn a_persons_own_settings_need_no_consent() {
    let sandbox = Sandbox::new("");
    let config = sandbox.home().join(".config/envctl");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "[network]\nno-proxy = [\".example\"]\n").unwrap();
    sandbox.ok(&["lock"]);
}
