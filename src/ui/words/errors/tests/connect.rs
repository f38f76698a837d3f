//! The errors of SSH.

use std::net::Ipv4Addr;

use super::{each_variant, place, shown};
use crate::connect::ConnectError;

#[test]
fn errors_of_ssh() {
    let errors = each_variant![ConnectError;
        KeyFile { path: "/home/ada/.ssh/lab.pub".into(), reason: "invalid encoding".into(), at: place("named here") },
        KeyFile { path: "/home/ada/.local/state/envctl/key".into(), reason: "invalid encoding".into(), at: Vec::new() },
        NoKeys { at: place("named here") },
        Unquotable { value: "/home/ada/a\"b".into() },
        NotReady {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 2222,
            seconds: 30,
            reason: "connection refused".into(),
            log: vec!["sshd: no hostkeys available".into()],
        },
        NoClient {},
        ClientNotRun { reason: "Permission denied (os error 13)".into() },
        Disabled {},
        Unknown {},
    ];
    insta::assert_snapshot!(shown(&errors));
}
