//! The lock's text and its version.

use std::path::Path;

use toml::Spanned;

use super::written::{damaged, not_toml, too_long};
use super::{Lock, LockError, WrittenLock};
use crate::parser;

/// The newest format known here.
pub const FORMAT: u32 = 1;

const HEAD: &str = "\
# Written by envctl; `envctl lock` writes it anew. Keep it in version control: with it, every machine builds the same.

";

/// A lock's text. The version is looked at before anything else, so that a later format is not called damaged.
pub fn parse(text: &str, path: &Path) -> Result<WrittenLock, LockError> {
    #[derive(serde::Deserialize)]
    struct Head {
        version: Option<Spanned<i64>>,
    }
    if let Some(error) = too_long(path, text) {
        return Err(error);
    }
    let head = match parser::contain(|| toml::from_str::<Head>(text)) {
        Ok(head) => head.map_err(|error| not_toml(path, text, &error))?,
        Err(panicked) => return Err(damaged(path, text, panicked.to_string(), None)),
    };
    match head.version {
        Some(version) if *version.get_ref() > i64::from(FORMAT) => {
            Err(LockError::TooNew { path: path.to_path_buf(), version: version.into_inner() })
        }
        Some(version) if *version.get_ref() < 1 => {
            let reason = format!("there is no version {}", version.get_ref());
            Err(damaged(path, text, reason, Some(version.span())))
        }
        Some(_) => WrittenLock::parse(text, path),
        None => Err(damaged(path, text, "it has no `version`".to_owned(), None)),
    }
}

/// The text: the same lock, the same bytes.
#[must_use]
pub fn to_text(lock: &Lock) -> String {
    format!("{HEAD}{}", body(lock))
}

fn body(lock: &Lock) -> String {
    toml::to_string_pretty(lock).expect("a lock's keys are text and its numbers fit")
}
