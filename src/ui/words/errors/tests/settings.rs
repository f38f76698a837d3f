//! The errors of options.

use super::{each_variant, shown};
use crate::grants::GrantError;
use crate::manifest::ValueError;
use crate::settings::SettingsError;

#[test]
fn errors_of_options() {
    let year =
        ValueError { text: "soon".into(), what: "a day", why: "it is a word".into(), allowed: "`2026-01-31`".into() };
    let errors = each_variant![SettingsError;
        Value { option: "--env", found: "TOKEN".into(), allowed: "`NAME=VALUE`" },
        Checked { option: "--exclude-newer", error: year },
        Grant (GrantError::NoSuchGrant { name: "mount".into() }),
    ];
    insta::assert_snapshot!(shown(&errors));
}
