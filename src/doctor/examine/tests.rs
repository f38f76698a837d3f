//! Tests with one machine per finding.

use super::*;
use crate::doctor::{DiskSpace, Severity};
use crate::host::{Fact, HostFacts};

fn info() -> EngineInfo {
    EngineInfo {
        kind: "docker".to_owned(),
        version: "20.10.24+dfsg1".to_owned(),
        endpoint: "unix:///var/run/docker.sock".to_owned(),
        architecture: "x86_64".to_owned(),
        root_directory: "/var/lib/docker".to_owned(),
        runtimes: vec!["runc".to_owned()],
        cdi: Vec::new(),
        security_options: Vec::new(),
    }
}

fn answers(info: EngineInfo) -> EngineSeen {
    EngineSeen::Answers { info, build_kit: true }
}

/// A machine without problems.
fn well() -> Seen {
    Seen {
        host: HostFacts::unknown(),
        engine: answers(info()),
        engine_disk: Some(DiskSpace { path: "/var/lib/docker".into(), free: 100 << 30 }),
        missing: BTreeSet::new(),
        toolkit: ContainerToolkit::NotNeeded,
        ssh_config: SshConfig::Absent,
        ssh_keys: 1,
        ssh_agent: false,
        certificates: Some("/etc/ssl/certs/ca-certificates.crt".into()),
        proxy: Vec::new(),
    }
}

fn with_gpu() -> Seen {
    let mut seen = well();
    seen.host.driver = Some(Fact::new("550.54.14".parse().unwrap(), "NVML"));
    seen
}

/// The findings that are not good.
fn complaints(seen: &Seen) -> Vec<Diagnosis> {
    examine(seen).into_iter().filter(|found| found.severity() != Severity::Good).collect()
}

/// The one finding that is not good, and its severity.
fn one(seen: &Seen) -> (Severity, Diagnosis) {
    let [only] = <[_; 1]>::try_from(complaints(seen)).unwrap();
    (only.severity(), only)
}

#[test]
fn a_machine_on_which_all_is_well() {
    assert_eq!(complaints(&well()), []);
    let disk = DiskSpace { path: "/var/lib/docker".into(), free: 100 << 30 };
    let expected = [
        Diagnosis::Engine(info()),
        Diagnosis::BuildKit { offered: true },
        Diagnosis::Disk { space: disk, room: DiskRoom::Enough },
        Diagnosis::NoGpu,
        Diagnosis::Pip { found: true },
        Diagnosis::SshConfig { included: false },
        Diagnosis::SshKeys { count: 1, agent: false },
        Diagnosis::Certificates("/etc/ssl/certs/ca-certificates.crt".into()),
    ];
    assert_eq!(examine(&well()), expected);
}

#[test]
fn engines_that_will_not_do() {
    let old = EngineInfo { version: "19.03.13".to_owned(), ..info() };
    let found = one(&Seen { engine: answers(old.clone()), ..well() });
    assert_eq!(found, (Severity::Broken, Diagnosis::OldEngine(old)));
    let podman = EngineInfo { kind: "podman".to_owned(), version: "4.3.1".to_owned(), ..info() };
    let found = one(&Seen { engine: answers(podman.clone()), ..well() });
    assert_eq!(found, (Severity::Broken, Diagnosis::OtherEngine(podman)));
    let plain = EngineSeen::Answers { info: info(), build_kit: false };
    assert_eq!(one(&Seen { engine: plain, ..well() }).1, Diagnosis::BuildKit { offered: false });
    let (message, hints) = ("can't reach it".to_owned(), vec!["start it".to_owned()]);
    let gone = EngineSeen::Fails { message: message.clone(), hints: hints.clone() };
    let expected = (Severity::Broken, Diagnosis::EngineFails { message, hints });
    assert_eq!(one(&Seen { engine: gone, ..well() }), expected);
    assert_eq!(major_minor("28.0.1"), Some((28, 0)));
    assert_eq!(major_minor("library-import"), None);
}

#[test]
fn disks_that_fill_up() {
    let with = |free| Seen { engine_disk: Some(DiskSpace { path: "/".into(), free }), ..well() };
    assert_eq!(one(&with(19 << 30)).0, Severity::Warning);
    assert_eq!(one(&with(1 << 30)).0, Severity::Broken);
    assert_eq!(complaints(&with(20 << 30)), []);
}

#[test]
fn a_gpu_needs_a_way_into_containers() {
    let found = |reach| Diagnosis::Gpu { driver: "550.54.14".to_owned(), count: 0, reach };
    let missing = Seen { toolkit: ContainerToolkit::Missing { curl: false }, ..with_gpu() };
    assert_eq!(one(&missing), (Severity::Broken, found(GpuReach::NoToolkit)));
    let unused = Seen { toolkit: ContainerToolkit::Installed, ..with_gpu() };
    assert_eq!(one(&unused), (Severity::Warning, found(GpuReach::UnusedToolkit)));
    let runtime = EngineInfo { runtimes: vec!["nvidia".to_owned()], ..info() };
    assert_eq!(complaints(&Seen { engine: answers(runtime), ..with_gpu() }), []);
    let cdi = EngineInfo { cdi: vec!["nvidia.com/gpu=all".to_owned()], ..info() };
    assert_eq!(complaints(&Seen { engine: answers(cdi), ..with_gpu() }), []);
    let mut unloaded = well();
    unloaded.host.problems.push("the NVIDIA driver is installed and not loaded".to_owned());
    assert_eq!(one(&unloaded).0, Severity::Warning);
}

#[test]
fn what_ssh_stumbles_over() {
    let exposed = SshConfig::Readable { included: true, writable: true, exposed: true };
    assert_eq!(one(&Seen { ssh_config: exposed, ..well() }).1, Diagnosis::SshConfigExposed);
    let fixed = SshConfig::Readable { included: false, writable: false, exposed: false };
    assert_eq!(one(&Seen { ssh_config: fixed, ..well() }).0, Severity::Warning);
    let foreign = SshConfig::Unreadable { reason: "permission denied".to_owned() };
    assert_eq!(one(&Seen { ssh_config: foreign, ..well() }).0, Severity::Warning);
    let none = Seen { missing: BTreeSet::from([Need::SshClient]), ..well() };
    assert_eq!(one(&none), (Severity::Broken, Diagnosis::NoSshClient));
}

#[test]
fn what_else_is_missing() {
    let missing = |need| Seen { missing: BTreeSet::from([need]), ..well() };
    assert_eq!(one(&missing(Need::Pip)).0, Severity::Broken);
    assert_eq!(complaints(&missing(Need::Mmdebstrap)), [], "not on a machine that could not use it");
    assert_eq!(one(&missing(Need::Ps)).0, Severity::Warning);
    let mut debian = missing(Need::Mmdebstrap);
    debian.host.distribution = Some(Fact::new("debian:12".to_owned(), "test"));
    assert_eq!(one(&debian).0, Severity::Warning);
    assert_eq!(one(&Seen { certificates: None, ..well() }).1, Diagnosis::NoCertificates);
}
