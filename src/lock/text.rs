//! The lock's file: its place, its text, its version.

use std::fs;
use std::io;
use std::path::Path;

use super::{Lock, LockError};
use crate::project::write::replace;

/// The newest format known here.
pub const FORMAT: u32 = 1;

const HEAD: &str = "\
# Written by envctl; `envctl lock` writes it anew. Keep it in version control: with it, every machine builds the same.

";

/// The lock at a path; none where there is no file.
pub fn read(path: &Path) -> Result<Option<Lock>, LockError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LockError::Unreadable { path: path.to_path_buf(), reason: error.to_string() }),
    }
}

/// A lock's text. The version is looked at before anything else, so that a later format is not called damaged.
pub fn parse(text: &str, path: &Path) -> Result<Lock, LockError> {
    let damaged = |reason: String| LockError::Damaged { path: path.to_path_buf(), reason };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| damaged(error.message().to_owned()))?;
    let version = table.get("version").and_then(toml::Value::as_integer);
    match version {
        Some(version) if version > i64::from(FORMAT) => Err(LockError::TooNew { path: path.to_path_buf(), version }),
        Some(_) => table.try_into().map_err(|error: toml::de::Error| damaged(error.message().to_owned())),
        None => Err(damaged("it has no `version`".to_owned())),
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

/// Replaces the file whole, or not at all.
pub fn write(lock: &Lock, path: &Path) -> Result<(), LockError> {
    let unwritable = |error: crate::project::ProjectError| LockError::Unwritable {
        path: path.to_path_buf(),
        reason: error.to_string(),
    };
    replace(path, to_text(lock).as_bytes(), 0o644).map_err(unwritable)
}
