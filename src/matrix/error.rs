//! The errors of rows that a user supplies.

use std::path::PathBuf;

use crate::error::{Exit, Report, Snippet};

/// A row file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// The file is not rows.
    #[error("the matrix rows in `{}` are not valid: {}", path.display(), error.message())]
    Rows {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
        /// What the parser said.
        error: Box<toml::de::Error>,
    },
    /// The file's name says no subject.
    #[error("`{}` is not a matrix file", path.display())]
    UnknownFile {
        /// The file.
        path: PathBuf,
    },
    /// The file holds an array of tables of another name.
    #[error("`{}` has `[[{table}]]` where `[[{expected}]]` belongs", path.display())]
    UnknownTable {
        /// The file.
        path: PathBuf,
        /// What was found.
        table: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// No table and no framework is called so.
    #[error("the matrix knows nothing called `{name}`")]
    UnknownSubject {
        /// What was asked for.
        name: String,
        /// The nearest there is.
        near: String,
        /// All there are.
        known: Vec<String>,
    },
    /// The table has no such row.
    #[error("`{subject}` has no row for `{only}`")]
    NoRows {
        /// The table.
        subject: String,
        /// What was asked for.
        only: String,
        /// The nearest there are.
        near: Vec<String>,
    },
    /// A new framework without the table that describes it.
    #[error("`{}` brings a framework the matrix does not know, without a `[framework]` table", path.display())]
    NoHead {
        /// The file.
        path: PathBuf,
    },
    /// The framework's file is named for something else.
    #[error("`{}` describes the framework `{id}`", path.display())]
    WrongName {
        /// The file.
        path: PathBuf,
        /// The id inside.
        id: String,
    },
}

impl Report for MatrixError {
    fn kind(&self) -> &'static str {
        match self {
            Self::UnknownSubject { .. } => "unknown-subject",
            Self::NoRows { .. } => "no-rows",
            _ => "matrix-rows",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownSubject { near, known, .. } => {
                vec![format!("did you mean `{near}`?"), format!("there are {}", known.join(", "))]
            }
            Self::NoRows { subject, near, .. } if near.is_empty() => {
                vec![format!("`envctl matrix show {subject}` shows all there are")]
            }
            Self::NoRows { near, .. } => vec![format!("the nearest are {}", near.join(", "))],
            Self::Rows { .. } => {
                vec!["`envctl matrix show` prints rows of the same shape".into()]
            }
            Self::UnknownFile { .. } => vec![
                "name it cuda.toml, capabilities.toml, gpus.toml, cudnn.toml, distributions.toml, images.toml or \
                 frameworks/NAME.toml"
                    .into(),
            ],
            Self::NoHead { .. } => vec!["add `[framework]` with id, package, verify, source and checked".into()],
            Self::UnknownTable { expected, .. } => vec![format!("begin each row with `[[{expected}]]`")],
            Self::WrongName { id, .. } => vec![format!("name the file `{id}.toml`")],
        }
    }

    fn snippets(&self) -> Vec<Snippet> {
        match self {
            Self::Rows { path, text, error } => {
                let span = error.span().unwrap_or(0..0);
                vec![Snippet { path: path.clone(), text: text.clone(), span, label: String::new() }]
            }
            _ => Vec::new(),
        }
    }
}
