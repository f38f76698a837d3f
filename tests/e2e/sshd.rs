//! The rendered `sshd_config` and the entrypoint, on the OpenSSH of each base that is made here, and on an older one.

use std::process::Command;
use std::time::Duration;

use envctl::bootstrap::{self, BaseRequest};
use envctl::engine::ImageBuild;
use envctl::engine::ImageStore;
use envctl::event::Silent;
use envctl::matrix::Matrix;
use envctl::render::{SessionEnv, SshdSocket, entrypoint, sshd_config};

use crate::harness::{self, docker, name, shared_system};
use crate::sandbox::ran;

/// Each with the release of its OpenSSH.
const BASES: [(&str, &str); 3] =
    [("debian:11", "OpenSSH_8.4"), ("debian:12", "OpenSSH_9.2"), ("debian:13", "OpenSSH_10.0")];

/// What keyword has stood since which release.
const PENALTIES: &str = "PerSourcePenalties=no";

/// Refuses what no server knew before 7.8, and is the real one else.
const BEFORE_7_8: &str = r#"#!/bin/sh
config=
for word; do
    case $word in PerSourcePenalties=*) exit 255 ;; /*) config=$word ;; esac
done
if grep -q '^SetEnv ' "$config"; then exit 255; fi
exec /usr/sbin/sshd.real "$@"
"#;

/// An image of a base with the server, its files in place.
async fn server(test: &str, distribution: &str, more: &str) -> String {
    let engine = docker();
    let matrix = Matrix::embedded();
    let distribution = matrix.distribution(distribution).unwrap();
    let wanted = BaseRequest { distribution, refresh: false, mirror: None };
    let base = bootstrap::ensure_base(&engine, &shared_system(), wanted, &Silent).await.unwrap().reference;
    let config = sshd_config("root", &SessionEnv::new(["A=b c"]), SshdSocket::Container).unwrap();
    let dockerfile = format!(
        "FROM {base}\nRUN apt-get -qq update && apt-get -qq install --no-install-recommends openssh-server >/dev/null\n\
         COPY sshd_config /etc/envctl-ssh/sshd_config\n\
         RUN ssh-keygen -q -t ed25519 -N '' -f /etc/envctl-ssh/host_ed25519 && mkdir -p /run/sshd\n\
         COPY --chmod=0755 entrypoint before-7.8 /opt/envctl/\n{more}"
    );
    let files = [
        ("Dockerfile", dockerfile),
        ("sshd_config", config),
        ("entrypoint", entrypoint()),
        ("before-7.8", BEFORE_7_8.to_owned()),
    ];
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    let tag = format!("{}:1", name(&format!("{test}-{}", distribution.id.replace(':', "-"))));
    let build = ImageBuild { tag: tag.clone(), context: archive.into_inner().unwrap(), ..ImageBuild::default() };
    engine.build(&build, &Silent).await.unwrap();
    tag
}

fn says(arguments: &[&str]) -> String {
    let said = ran(Command::new("docker").args(arguments).output());
    assert_eq!(said.code, 0, "{arguments:?}: {said:#?}");
    format!("{}{}", said.stdout, said.stderr)
}

/// The command line of the server that the entrypoint starts, once it answers.
fn started(tag: &str) -> String {
    let container = tag.replace(['/', ':'], "-");
    says(&["run", "--detach", "--init", "--name", &container, "--entrypoint", "/opt/envctl/entrypoint", tag]);
    let greeting = "exec 3<>/dev/tcp/127.0.0.1/22 && head -c 4 <&3";
    let answers = (0..400).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        ran(Command::new("docker").args(["exec", &container, "bash", "-c", greeting]).output()).stdout == "SSH-"
    });
    assert!(answers, "{}", says(&["logs", &container]));
    let lines = says(&["exec", &container, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]);
    says(&["rm", "--force", &container]);
    lines
}

#[tokio::test]
async fn every_server_that_a_base_has_takes_the_configuration() {
    let _alone = harness::TRIXIE.lock().await;
    for (distribution, release) in BASES {
        let tag = server("each", distribution, "").await;
        let check = "ssh -V; sshd=/usr/sbin/sshd; $sshd -t -f /etc/envctl-ssh/sshd_config; $sshd -T -f /etc/envctl-ssh/sshd_config";
        let said = says(&["run", "--rm", "--entrypoint", "sh", &tag, "-ec", check]);
        assert!(said.contains(release), "{distribution}: {said}");
        for word in ["Deprecated", "deprecated", "Unsupported", "Bad "] {
            assert!(!said.contains(word), "{distribution}: {said}");
        }
        for line in ["authenticationmethods publickey", "maxstartups 100:30:100", "setenv A=b c"] {
            assert!(said.lines().any(|found| found == line), "{distribution}: {line}: {said}");
        }
        // Known from 9.8 on: an address that fails too often is shut out there, and here all have the engine's.
        let knows_penalties = said.contains("persourcepenalties");
        assert_eq!(knows_penalties, distribution == "debian:13", "{said}");
        let line = started(&tag);
        assert_eq!(line.contains(PENALTIES), knows_penalties, "{distribution}: {line}");
        docker().remove_image(&tag).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_knows_no_setenv_is_started_without_it() {
    let more = "RUN mv /usr/sbin/sshd /usr/sbin/sshd.real && mv /opt/envctl/before-7.8 /usr/sbin/sshd\n";
    let tag = server("old", "debian:12", more).await;
    let line = started(&tag);
    assert!(line.contains("-f /run/sshd/sshd_config") && !line.contains(PENALTIES), "{line}");
    docker().remove_image(&tag).await.unwrap();
}
