//! The errors of another machine's facts.

use super::{each_variant, shown};
use crate::host::FactsError;

#[test]
fn errors_of_facts() {
    let errors = each_variant![FactsError;
        Unreadable { path: "gpu-box.json".into(), reason: "No such file or directory (os error 2)".into() },
        Malformed {
            path: "gpu-box.json".into(),
            text: "{\"schema\": }\n".into(),
            offset: 11,
            reason: "expected value".into(),
        },
        OtherSchema { path: "gpu-box.json".into(), found: 9 },
    ];
    insta::assert_snapshot!(shown(&errors));
}
