//! The errors on the way to the desired state.

use std::net::{IpAddr, Ipv4Addr};

use super::{each_variant, place, shown};
use crate::event::PortHolder;
use crate::files::{FileError, FileProblem};
use crate::manifest::Arch;
use crate::reconcile::occupants::Occupant;
use crate::reconcile::{DeviceProblem, ReconcileError};
use crate::resolve::{SourceLack, Unbuildable};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn missing(path: &str) -> FileError {
    FileError::missing(path.as_ref())
}

fn occupant(pid: u32, command: &str) -> Occupant {
    Occupant { pid, parent: 1, user: "ada".to_owned(), command: command.to_owned() }
}

fn unbuildable() -> Unbuildable {
    let lack = SourceLack::Gone("its makers do not serve it any more".to_owned());
    Unbuildable { release: None, lack }
}

#[test]
fn errors_on_the_way_to_the_desired_state() {
    let link = FileProblem::Leaves { target: Some("/srv/model".into()), comes_back: false };
    let errors = each_variant![ReconcileError;
        EnvFile { path: ".env".into(), reason: "line 2: `A B` is not a variable's name".into(), at: place("named here") },
        NamedFile { what: "license file", error: missing("license.txt"), at: place("named here") },
        Copy { error: FileError::read("model".as_ref(), link), at: place("named here") },
        Device { path: "/dev/kvm".into(), problem: DeviceProblem::Missing, at: place("this device") },
        OtherArch { decided: Arch::Aarch64, here: Arch::X86_64, at: place("asked for here") },
        SecretMissing { id: "token".into(), what: "the variable `TOKEN`".into(), at: place("this secret") },
        SecretFile { reason: "No space left on device (os error 28)".into() },
        NotBuildable (Box::new(unbuildable())),
        NotBootstrappable { image: "lab/base:1".into() },
        NoAnswer {},
        BaseTriggers { image: "lab/base:1".into(), trigger: "RUN make".into() },
        NoGpuHere { at: place("asked for here") },
        PortTaken { address: LOOPBACK, port: 2222, holder: PortHolder::Container("other".into()), at: place("") },
        NoPort { address: LOOPBACK },
        Occupied { processes: vec![occupant(4711, "python train.py")] },
        Occupied { processes: vec![occupant(4711, "python train.py"), occupant(4712, "bash")] },
        Foreign { name: "lab".into() },
        Twins { names: vec!["lab-a".into(), "lab-b".into()] },
        Paused { name: "lab".into() },
        Absent { id: "lab-1a2b".into() },
        NotRunning { id: "lab-1a2b".into() },
        Ended { code: 1, log: vec!["sshd: no hostkeys available".into()] },
        NoGpuInside { reason: "`nvidia-smi` found no devices".into() },
        Declined {},
        NotYet { key: "run.restart", at: place("this key") },
    ];
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn problems_of_a_device() {
    let problems = each_variant![DeviceProblem;
        Missing {},
        NoDevice {},
        Exchangeable {},
    ];
    let device = |problem| ReconcileError::Device { path: "/dev/lab".into(), problem, at: Vec::new() };
    insta::assert_snapshot!(shown(&problems.map(device)));
}
