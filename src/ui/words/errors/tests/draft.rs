//! The errors of a change of a manifest.

use super::{each_variant, shown};
use crate::draft::EditError;

#[test]
fn errors_of_an_edit() {
    let errors = each_variant![EditError;
        Syntax {
            path: "envctl.toml".into(),
            text: "[python\n".into(),
            message: "unclosed table, expected `]`".into(),
            span: 0..7,
        },
        Form { key: "python.packages".into(), allowed: "a list" },
        NoPackage { name: "numpy".into() },
        NoFramework { id: "jax".into() },
    ];
    insta::assert_snapshot!(shown(&errors));
}
