//! The errors of consent.

use super::{each_variant, place, shown};
use crate::grants::{Grant, GrantError, GrantKind};

#[test]
fn errors_of_consent() {
    let mount = |path| Grant::for_tests(GrantKind::Mounts, path);
    let errors = each_variant![GrantError;
        NotGranted { grants: vec![mount("/srv")], verb: "up", at: place("asked for here") },
        NotGranted { grants: vec![mount("/srv"), mount("/mnt")], verb: "render", at: Vec::new() },
        NotGranted { grants: vec![mount("/srv")], verb: "plan", at: Vec::new() },
        NothingAllowed { given: "mounts=/sv".into(), grants: vec![mount("/srv")] },
        NothingAllowed { given: "image".into(), grants: Vec::new() },
        NoSuchGrant { name: "mount".into() },
    ];
    insta::assert_snapshot!(shown(&errors));
}
