//! The problems of mounts.

use super::{each_variant, shown};
use crate::reconcile::mount_error::{MountError, MountProblem};

#[test]
fn problems_of_mounts() {
    let problems = each_variant![MountProblem;
        Missing { path: "/srv/data".into() },
        Moved { path: "/srv/data".into(), now: "/etc".into() },
        Unheld { path: "/home/ada/lab/data".into() },
        UnheldWithin { path: "/home/ada/other/data".into(), outer: "/home/ada/other".into() },
        HeldByAnother {
            path: "/home/ada/lab/sub".into(),
            outer: "/home/ada/lab".into(),
            container: "envctl-lab-1a2b3c4d1a2b3c4d".to_owned(),
        },
        HoldsAnother {
            path: "/home/ada/lab/sub".into(),
            outer: "/home/ada/lab".into(),
            container: "envctl-sub-1a2b3c4d1a2b3c4d".to_owned(),
        },
        WritableInside { path: "/srv".into(), inner: "/srv/usb".into() },
        Within { target: "/data/part".into(), outer: "/data".into() },
        System { target: "/usr".into() },
        Roots { target: "/usr/local/bin".into() },
        Home { target: "/home/dev".into() },
        AboveHome { target: "/home".into(), home: "/home/dev".into() },
        InReadOnly { target: "/data/out".into(), outer: "/data".into() },
        Unquotable { path: "/srv/a\nb".into() },
    ];
    insta::assert_snapshot!(shown(&problems.map(MountError::from)));
}
