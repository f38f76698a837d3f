//! Tests of the plans for machines of every kind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::host::parse::os;
use crate::setup::Caller;

/// A fresh Debian 12 without any part. The caller is root.
fn fresh() -> InstalledParts {
    InstalledParts {
        distribution: os::parse_os_release("ID=debian\nVERSION_ID=12\n"),
        caller: Caller { is_root: true, user: "root".to_owned(), sudo: false, in_docker_group: false },
        endpoint: "unix:///var/run/docker.sock".to_owned(),
        engine: EngineState::Silent,
        daemon: false,
        systemd: false,
        stale: Vec::new(),
        missing: BTreeSet::from([
            Need::Iptables,
            Need::Ps,
            Need::Pip,
            Need::SshClient,
            Need::Mmdebstrap,
            Need::Certificates,
        ]),
        toolkit: ContainerToolkit::NotNeeded,
    }
}

/// A complete machine.
fn ready() -> InstalledParts {
    InstalledParts { engine: EngineState::Answers, daemon: true, missing: BTreeSet::new(), ..fresh() }
}

fn commands(observed: &InstalledParts) -> Vec<String> {
    plan(observed).unwrap().iter().map(SetupStep::to_string).collect()
}

#[test]
fn where_all_is_well_there_is_nothing_to_do() {
    assert_eq!(commands(&ready()), [""; 0]);
    let elsewhere = InstalledParts { endpoint: "tcp://lab:2375".to_owned(), daemon: false, ..ready() };
    assert_eq!(commands(&elsewhere), [""; 0]);
    let rocky = InstalledParts { distribution: os::parse_os_release("ID=rocky\nVERSION_ID=9\n"), ..ready() };
    assert_eq!(commands(&rocky), [""; 0]);
}

#[test]
fn a_fresh_machine_without_a_service_manager() {
    let expected = [
        "apt-get -qq -o DPkg::Lock::Timeout=120 update",
        "env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120 install --no-install-recommends \
         docker.io iptables procps python3-pip openssh-client mmdebstrap ca-certificates",
        "sh -c 'setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &'",
    ];
    assert_eq!(commands(&fresh()), expected);
}

#[test]
fn systemd_starts_the_engine_where_it_runs() {
    let observed = InstalledParts { systemd: true, daemon: true, missing: BTreeSet::new(), ..fresh() };
    assert_eq!(commands(&observed), ["systemctl enable --now docker"]);
}

#[test]
fn an_engine_that_died_is_cleared_away_first() {
    let stale = vec![PathBuf::from("/var/run/docker.pid")];
    let observed = InstalledParts { daemon: true, missing: BTreeSet::new(), stale, ..fresh() };
    assert_eq!(commands(&observed)[0], "rm -f /var/run/docker.pid");
    let running = InstalledParts { engine: EngineState::Answers, ..observed };
    assert_eq!(commands(&running), [""; 0]);
}

#[test]
fn a_person_goes_through_sudo_and_joins_the_group() {
    let caller = Caller { is_root: false, user: "ada".to_owned(), sudo: true, in_docker_group: false };
    let denied = InstalledParts { caller: caller.clone(), engine: EngineState::Denied, ..ready() };
    assert_eq!(commands(&denied), ["sudo usermod -aG docker ada"]);
    let member = InstalledParts { caller: Caller { in_docker_group: true, ..caller.clone() }, ..denied.clone() };
    assert_eq!(commands(&member), [""; 0], "only a new login is missing");
    let behind_sudo = InstalledParts { caller: Caller { is_root: true, ..caller.clone() }, ..ready() };
    assert_eq!(commands(&behind_sudo), ["usermod -aG docker ada"]);
    let served = InstalledParts { caller, ..ready() };
    assert_eq!(commands(&served), [""; 0], "a rootless engine, or an open socket");
}

#[test]
fn without_root_and_sudo_the_commands_are_named() {
    let caller = Caller { is_root: false, user: "ada".to_owned(), sudo: false, in_docker_group: true };
    let error = plan(&InstalledParts { caller, ..fresh() }).unwrap_err();
    let SetupError::NeedsRoot { steps } = error else { panic!("{error}") };
    assert!(steps[0].to_string().starts_with("apt-get "), "{}", steps[0]);
}

#[test]
fn a_gpu_brings_the_toolkit_from_its_vendor() {
    let observed = InstalledParts { toolkit: ContainerToolkit::Missing { curl: true }, systemd: true, ..ready() };
    let expected = [
        "apt-get -qq -o DPkg::Lock::Timeout=120 update",
        "env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120 install --no-install-recommends curl",
        "curl -fsSL --retry 3 -o /usr/share/keyrings/nvidia-container-toolkit.asc \
         https://nvidia.github.io/libnvidia-container/gpgkey",
        "printf '%s\\n' 'deb [signed-by=/usr/share/keyrings/nvidia-container-toolkit.asc] \
         https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /' | \
         tee /etc/apt/sources.list.d/nvidia-container-toolkit.list",
        "apt-get -qq -o DPkg::Lock::Timeout=120 update",
        "env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120 install --no-install-recommends \
         nvidia-container-toolkit",
        "nvidia-ctk runtime configure --runtime=docker",
        "systemctl restart docker",
    ];
    assert_eq!(commands(&observed), expected);

    let background = commands(&InstalledParts { systemd: false, ..observed.clone() });
    assert!(background[7].contains("kill \"$pid\""), "{background:?}");
    assert!(background[8].contains("setsid dockerd"), "{background:?}");
    let silent = commands(&InstalledParts { systemd: false, engine: EngineState::Silent, ..observed });
    assert!(silent[7].contains("setsid dockerd") && silent.len() == 8, "started once, after the toolkit: {silent:?}");
}

#[test]
fn what_can_not_be_set_up_is_said() {
    let rocky = InstalledParts {
        distribution: os::parse_os_release("ID=rocky\nID_LIKE=\"rhel fedora\"\nVERSION_ID=9.4\n"),
        ..fresh()
    };
    let error = plan(&rocky).unwrap_err();
    let SetupError::UnknownDistribution { distribution, missing } = error else { panic!("{error}") };
    assert_eq!(distribution.as_deref(), Some("rocky:9.4"));
    let programs = [Need::Ps, Need::Pip, Need::SshClient, Need::Certificates].map(MissingPart::Program);
    assert_eq!(missing, [&[MissingPart::Engine], &programs[..]].concat());
    let started = InstalledParts { daemon: true, missing: BTreeSet::from([Need::Iptables, Need::Mmdebstrap]), ..rocky };
    assert_eq!(commands(&started), ["sh -c 'setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &'"]);
    let lab = InstalledParts { endpoint: "tcp://lab:2375".to_owned(), ..fresh() };
    let message = "the container engine at `tcp://lab:2375` does not answer, and only this machine's own can be set up";
    assert_eq!(plan(&lab).unwrap_err().to_string(), message);
}
