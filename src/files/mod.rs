//! Reads and writes files safely that somebody else may have written.
//!
//! A project directory belongs to a stranger, with every file and link in it: a file may be a link to another place,
//! a pipe that never answers, an endless device or an archive of many gigabytes. So a file is opened once, without
//! waiting; then the open file is checked; and only a regular file is read, up to a limit that the caller names.
//! [`RootedDirectory`] also keeps every path inside one directory. The file that is checked is the file that is read,
//! because no name is looked up twice.
//!
//! The caller's own files (`~/.ssh`, the configuration) may be links to any place; they get the same checks and
//! limits ([`read`]).

use std::path::Path;

mod budget;
mod directory;
mod error;
mod opened;
mod path_walk;
mod read_again;
mod reads;
mod real_path;
mod temporary;
mod tree;
mod tree_limits;
mod without_links;

pub use budget::TextBudget;
pub use directory::RootedDirectory;
pub use error::{FileAccess, FileError, FileKind, FileProblem, size_words};
pub use opened::{OpenedFile, is_regular, open};
pub use reads::{ReadItem, ReadSummary, Reads};
pub use real_path::real_path;
pub use tree::{TreeFile, TreeTotal, TreeWalk};
pub use tree_limits::TreeLimits;
pub use without_links::look_without_links;

/// The limit in bytes for lists that a user writes: variables, keys, settings of other tools.
pub const TEXT: u64 = 1 << 20;

/// The limit in bytes for files with a parser of envctl, which has its own, lower limit: manifests, requirements,
/// locks, state, recorded facts, matrix rows.
pub const DOCUMENT: u64 = 16 << 20;

/// Returns the bytes of a file of the caller or the machine; its links may lead anywhere.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let bytes = open(path).and_then(|file| file.bytes(limit));
    bytes.map_err(|problem| FileError::read(path, problem))
}

/// Turns the bytes of a file into text.
pub fn text(path: &Path, bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|_| FileError::read(path, FileProblem::NotText))
}

/// As [`read`], as text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    let text = open(path).and_then(|file| file.text(limit));
    text.map_err(|problem| FileError::read(path, problem))
}

/// Returns the text of an optional file; `None` if it is missing.
pub fn read_text_if_there(path: &Path, limit: u64) -> Result<Option<String>, FileError> {
    if_there(read_text(path, limit))
}

/// Returns the result of reading an optional file; `None` if it is missing.
pub fn if_there<T>(read: Result<T, FileError>) -> Result<Option<T>, FileError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.problem.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}
