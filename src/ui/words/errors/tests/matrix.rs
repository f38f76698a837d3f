//! The errors of rows of the compatibility data.

use super::shown;
use crate::matrix::MatrixError;

#[test]
fn errors_of_rows() {
    let text = "[[cuda]]\nversion = x\n";
    let error = Box::new(toml::from_str::<toml::Table>(text).unwrap_err());
    let errors = each_variant![MatrixError;
        Rows { path: "rows/cuda.toml".into(), text: text.into(), error },
        UnknownFile { path: "rows/cudda.toml".into() },
        UnknownTable { path: "rows/cuda.toml".into(), table: "cudas".into(), expected: "cuda" },
        UnknownSubject { name: "cudda".into(), near: "cuda".into(), known: vec!["cuda".into(), "gpus".into()] },
        NoRows { subject: "gpus".into(), only: "RTX 3091".into(), near: vec!["RTX 3090".into()] },
        NoRows { subject: "cuda".into(), only: "99".into(), near: Vec::new() },
        NoHead { path: "rows/frameworks/mlx.toml".into() },
        WrongName { path: "rows/frameworks/torch.toml".into(), id: "pytorch".into() },
    ];
    insta::assert_snapshot!(shown(&errors));
}
