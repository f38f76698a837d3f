//! The errors of a base image that this machine makes.

use super::{each_variant, shown};
use crate::bootstrap::BootstrapError;
use crate::engine::EngineError;

fn debian() -> String {
    "debian:12".to_owned()
}

#[test]
fn errors_of_a_base_image() {
    let errors = each_variant![BootstrapError;
        OtherFamily { distribution: "rocky:9".into() },
        Gone { distribution: "debian:9".into(), reason: "its archive is closed".into() },
        OtherArchitecture { distribution: "ubuntu:18.04".into(), arch: "riscv64".into() },
        ToolMissing { distribution: debian() },
        KeysMissing {
            distribution: debian(),
            package: "debian-archive-keyring",
            output: vec!["E: NO_PUBKEY 6ED0E7B82643E131".into()],
        },
        NoUserNamespaces { distribution: debian(), output: vec!["E: unshare failed".into()] },
        ArchiveUnreachable { distribution: debian(), output: vec!["E: Could not resolve the host".into()] },
        DiskFull { place: "/home/ada/.cache/envctl/bootstrap".into(), output: Vec::new() },
        DiskFull { place: "/tmp".into(), output: vec!["E: No space left on device".into()] },
        ToolFailed {
            command: "mmdebstrap bookworm".into(),
            status: "exit code 25".into(),
            output: vec!["E: something else".into()],
        },
        Cache { action: "write", path: "/home/ada/.cache/a".into(), reason: "Permission denied (os error 13)".into() },
        NotLoaded { reference: "envctl-base:debian-12".into() },
        Engine (EngineError::NoContainer { name: "lab".into() }),
    ];
    insta::assert_snapshot!(shown(&errors));
}
