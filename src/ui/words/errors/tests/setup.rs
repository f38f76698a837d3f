//! The errors of a machine's setup.

use super::{each_variant, shown};
use crate::setup::{MissingPart, Need, SetupAction, SetupError, SetupStep, StepProof, StepReason};

fn step() -> SetupStep {
    let argv = ["apt-get", "update"].map(str::to_owned).to_vec();
    let action = SetupAction::Run { env: Vec::new(), argv };
    SetupStep { action, why: StepReason::OldLists, proof: StepProof::EndsWell, sudo: false }
}

fn failed(line: &str) -> SetupError {
    SetupError::CommandFailed {
        command: "apt-get install docker.io".to_owned(),
        status: "exit code 100".to_owned(),
        output: vec![line.to_owned()],
    }
}

#[test]
fn errors_of_a_setup() {
    let errors = each_variant![SetupError;
        UnknownDistribution {
            distribution: Some("rocky:9.4".into()),
            missing: vec![MissingPart::Engine, MissingPart::Program(Need::Certificates), MissingPart::Toolkit],
        },
        UnknownDistribution { distribution: None, missing: vec![MissingPart::Program(Need::Ps)] },
        Elsewhere { endpoint: "tcp://10.0.0.7:2376".into() },
        NeedsRoot { steps: vec![step()] },
        NotConfirmed { steps: vec![step()] },
        NotConfirmed { steps: vec![step(), step()] },
        CommandFailed {
            command: "apt-get update".into(),
            status: "exit code 100".into(),
            output: vec!["E: something else".into()],
        },
        CommandNotRun { command: "apt-get update".into(), reason: "Permission denied (os error 13)".into() },
        EngineSilent {
            command: "systemctl enable --now docker".into(),
            endpoint: "unix:///var/run/docker.sock".into(),
            output: vec!["failed to start daemon".into()],
        },
    ];
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn failures_of_a_package_manager() {
    let lines = [
        "E: You don't have enough free space in /var/cache/apt/archives/.",
        "E: Could not get lock /var/lib/dpkg/lock-frontend.",
        "E: Unable to locate package docker.io",
        "E: Failed to fetch http://mirror.example/debian/pool/d.deb",
        "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'",
    ];
    insta::assert_snapshot!(shown(&lines.map(failed)));
}
