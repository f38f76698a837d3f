//! The errors of the engine.

use std::time::Duration;

use super::{each_variant, shown};
use crate::engine::{AddressOrigin, BuildCause, BuildFailure, EngineError};

const SOCKET: &str = "unix:///var/run/docker.sock";

fn unreachable(origin: AddressOrigin) -> EngineError {
    EngineError::Unreachable {
        endpoint: SOCKET.into(),
        origin,
        reason: "No such file or directory (os error 2)".into(),
        denied: false,
    }
}

fn build_failure() -> BuildFailure {
    BuildFailure {
        step: "[4/9] RUN apt-get install libgl1".to_owned(),
        line: Some(12),
        log: vec!["E: Unable to locate package libgl1".to_owned()],
        reason: "exit code: 100".to_owned(),
        cause: BuildCause::NoSuchPackage { package: "libgl1".to_owned() },
    }
}

#[test]
fn errors_of_the_engine() {
    let errors = each_variant![EngineError;
        Unreachable {
            endpoint: SOCKET.into(),
            origin: AddressOrigin::Default,
            reason: "Permission denied (os error 13)".into(),
            denied: true,
        },
        BadEndpoint {
            endpoint: "ssh://lab".into(),
            origin: AddressOrigin::Variable("DOCKER_HOST"),
            reason: "the scheme `ssh` is not supported".into(),
        },
        PortTaken { port: "127.0.0.1:2222".into(), reason: "Bind for 127.0.0.1:2222 failed".into() },
        NameTaken { name: "lab".into() },
        MountMissing { path: "/srv/data".into() },
        DeviceMissing { path: "/dev/kvm".into() },
        NoGpu { reason: "could not select device driver".into() },
        UlimitRefused { limit: "memlock".into(), reason: "error setting rlimit type 8".into() },
        NoImage { reference: "ubuntu:99.04".into(), reason: "manifest unknown".into() },
        RegistryUnreachable { reference: "ubuntu:24.04".into(), reason: "no route to host".into() },
        RegistryUnreachable { reference: "ubuntu:24.04".into(), reason: "x509: unknown authority".into() },
        DiskFull { reason: "write /var/lib/docker/tmp: no space left on device".into() },
        BuildFailed (Box::new(build_failure())),
        CommandNotRun { command: "pyhton".into(), reason: "executable file not found".into(), code: 127 },
        NoContainer { name: "lab".into() },
        NotRunning { name: "lab".into() },
        InUse { what: "lab-home".into(), reason: "volume is in use".into() },
        Silent { endpoint: SOCKET.into(), action: "start the container".into(), waited: Duration::from_mins(1) },
        NetworkOpen { name: "envctl".into() },
        NetworkMissing { container: "lab".into(), reason: "network 4f1a not found".into() },
        NoAddresses { reason: "all predefined address pools have been fully subnetted".into() },
        ConnectionLost { reason: "connection reset by peer".into() },
        OutputClosed {},
        Local { action: "write the output".into(), reason: "Input/output error (os error 5)".into() },
        Refused { action: "create the container".into(), reason: "invalid memory limit".into() },
    ];
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn an_engine_that_does_not_answer_by_the_origin_of_its_address() {
    let errors = each_variant![AddressOrigin;
        Flag {},
        Variable ("DOCKER_HOST"),
        Context ("lab".to_owned()),
        Default {},
    ];
    insta::assert_snapshot!(shown(&errors.map(unreachable)));
}
