//! The errors of a lock.

use super::{each_variant, shown};
use crate::error::Snippet;
use crate::lock::{Foreign, LockError, LockMisfit, MisfitKind, Stale};
use crate::manifest::Arch;

/// Returns a place in a lock.
fn at() -> Snippet {
    let text = "version = 3\nimage = \"lab\"\n".to_owned();
    Snippet { path: "envctl.lock".into(), text, span: 20..25, label: "this value".to_owned() }
}

fn unasked(kind: MisfitKind) -> LockError {
    LockError::Unasked { path: "envctl.lock".into(), misfit: LockMisfit { kind, span: 0..0 }, at: Box::new(at()) }
}

#[test]
fn errors_of_a_lock() {
    let giver = "it is not the manifest's `[system] image`";
    let errors = each_variant![LockError;
        Missing { path: "envctl.lock".into() },
        Stale { path: "envctl.lock".into(), reasons: vec![Stale::NoGpu, Stale::OtherArch { locked: Arch::X86_64, found: Arch::Aarch64 }] },
        TooNew { path: "envctl.lock".into(), version: 99 },
        BuildsNotAgreed { path: "envctl.lock".into(), packages: vec!["docopt".into()] },
        UnknownKey { path: "envctl.lock".into(), key: "future".into(), at: Box::new(at()) },
        Damaged { path: "envctl.lock".into(), reason: "`image` is missing".into(), at: Box::new(at()) },
        Untrusted {
            path: "envctl.lock".into(),
            foreign: Foreign { key: "image", value: "lab".into(), giver, span: 0..0 },
            at: Box::new(at()),
        },
        Unasked {
            path: "envctl.lock".into(),
            misfit: LockMisfit { kind: MisfitKind::Unasked { name: "numpy".into() }, span: 0..0 },
            at: Box::new(at()),
        },
        NoSuchPackage { path: "envctl.lock".into(), name: "numpi".into(), near: Some("numpy".into()) },
        NoSuchPackage { path: "envctl.lock".into(), name: "zzz".into(), near: None },
    ];
    insta::assert_snapshot!(shown(&errors));
}

#[test]
fn differences_between_a_lock_and_the_request() {
    let kinds = each_variant![MisfitKind;
        Missing { name: "numpy".into(), asked: "numpy>=2".into() },
        Other { name: "numpy".into(), found: "1.26".into(), asked: "numpy>=2".into() },
        Unasked { name: "numpy".into() },
    ];
    insta::assert_snapshot!(shown(&kinds.map(unasked)));
}
