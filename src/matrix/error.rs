//! The errors of rows that a user supplies.
//!
//! An error about a file names the file, because a user can supply several.

use std::path::PathBuf;

use crate::error::{Exit, Report, Snippet};

/// The reason why a row file or a request for rows fails.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// The file does not contain valid rows.
    #[error("the matrix rows in `{}` are not valid: {}", path.display(), error.message())]
    Rows {
        path: PathBuf,
        text: String,
        /// The parser's error.
        error: Box<toml::de::Error>,
    },
    /// The file name is not the name of a subject.
    #[error("`{}` is not a matrix file", path.display())]
    UnknownFile { path: PathBuf },
    /// The file holds an array of tables with a wrong name.
    #[error("`{}` has `[[{table}]]` where `[[{expected}]]` belongs", path.display())]
    UnknownTable {
        path: PathBuf,
        /// The name found.
        table: String,
        /// The expected name.
        expected: &'static str,
    },
    /// No table and no framework has this name.
    #[error("the matrix has no table or framework `{name}`")]
    UnknownSubject {
        /// The requested name.
        name: String,
        /// The most similar name.
        near: String,
        /// All known names.
        known: Vec<String>,
    },
    /// The table has no such row.
    #[error("`{subject}` has no row for `{only}`")]
    NoRows {
        subject: String,
        only: String,
        /// The most similar rows.
        near: Vec<String>,
    },
    /// A new framework without its `[framework]` table.
    #[error("`{}` adds a new framework and has no `[framework]` table", path.display())]
    NoHead { path: PathBuf },
    /// The file name of a framework is not its id.
    #[error("`{}` describes the framework `{id}`, which is not its file name", path.display())]
    WrongName {
        path: PathBuf,
        /// The id inside the file.
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
                vec![format!("did you mean `{near}`?"), format!("all names: {}", known.join(", "))]
            }
            Self::NoRows { subject, near, .. } if near.is_empty() => {
                vec![format!("`envctl matrix show {subject}` shows all rows")]
            }
            Self::NoRows { near, .. } => vec![format!("similar rows: {}", near.join(", "))],
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
