//! The errors of rows of the compatibility data.

use super::project::config_error;
use super::{each_variant, shown};
use crate::files::FileError;
use crate::matrix::site::{ArchiveError, OverlayError, SiteError};
use crate::matrix::update::{IndexError, UpdateError};
use crate::matrix::{MatrixError, RowFinding, RowProblem};
use crate::project::ProjectError;

fn finding() -> RowFinding {
    let problem = RowProblem::Order { before: "9.2".into() };
    RowFinding { file: "cudnn.toml".into(), row: "9.1".into(), problem }
}

fn denied() -> std::io::Error {
    std::io::Error::from_raw_os_error(13)
}

fn wrong_name() -> MatrixError {
    MatrixError::WrongName { path: "rows/frameworks/torch.toml".into(), id: "pytorch".into() }
}

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

#[test]
fn errors_of_the_rows_of_this_machine() {
    let source_name = || "https://rows.example/matrix.tar.gz".to_owned();
    let overlays = each_variant![OverlayError;
        Archive { source_name: source_name(), error: ArchiveError::TooLarge },
        Rows (Box::new(wrong_name().into())),
        Digest { source_name: source_name(), wanted: "sha256:0f1e".into(), found: "sha256:2d3c".into() },
        Unsound { source_name: source_name(), findings: vec![finding()] },
    ];
    let errors = each_variant![SiteError;
        Layers (ProjectError::from(FileError::missing("config.toml".as_ref()))),
        Config (config_error()),
        Overlay (OverlayError::Rows(Box::new(wrong_name().into()))),
        Read { path: "rows".into(), problem: denied().into() },
        Matrix (wrong_name()),
    ];
    insta::assert_snapshot!(shown(&errors) + "\n" + &shown(&overlays.map(SiteError::Overlay)));
}

#[test]
fn reasons_against_an_archive_of_rows() {
    let reasons = each_variant![ArchiveError;
        Broken (std::io::Error::other("failed to read entire block")),
        TooLarge {},
        Unsafe ("../cuda.toml".into()),
        Unknown ("cuda/cuda.toml".into()),
        NotText ("cuda.toml".into()),
        Empty {},
    ];
    let refused = |error| SiteError::Overlay(OverlayError::Archive { source_name: "rows.tar".to_owned(), error });
    insta::assert_snapshot!(shown(&reasons.map(refused)));
}

#[test]
fn errors_of_made_rows() {
    let text = "[framework\n".to_owned();
    let error = Box::new(toml::from_str::<toml::Table>(&text).unwrap_err());
    let errors = each_variant![UpdateError;
        File { path: "rows/recipes".into(), error: denied() },
        Text { path: "rows/recipes/jax.toml".into(), text, error },
        NoRecipe { name: "torchh".into(), folder: "rows/recipes".into() },
        Tables (wrong_name().into()),
        Index (IndexError::Undated { package: "jax".into(), file: "jax-0.4.31-py3-none-any.whl".into() }),
        Unsound { id: "jax".parse().unwrap(), problems: vec![finding(), finding()] },
    ];
    let index = each_variant![IndexError;
        NoPip { program: "python3".into(), message: "No module named pip".into() },
        Unreachable { what: "jax".into(), message: "connection refused".into() },
        Undated { package: "jax".into(), file: "jax-0.4.31-py3-none-any.whl".into() },
    ];
    insta::assert_snapshot!(shown(&errors) + "\n" + &shown(&index.map(UpdateError::Index)));
}
