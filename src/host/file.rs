//! Reads a facts file: `--facts FILE`.
//!
//! The facts in it keep their sources, and each source also names the file.

use std::path::Path;

use super::{FactsError, HostFacts};
use crate::files;

impl HostFacts {
    /// Reads a facts file. The source of each fact names the file, so that an answer shows which machine it is about.
    pub fn read(path: &Path) -> Result<Self, FactsError> {
        let text = files::read_text(path, files::DOCUMENT)
            .map_err(|error| FactsError::Unreadable { path: path.to_owned(), reason: error.problem.to_string() })?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(Self::parse(path, &text)?.recorded_in(&name))
    }
}
