//! A common size limit for several files.
//!
//! A limit for each file alone would let many small files fill the memory together.

use super::{FileError, FileProblem};

/// The bytes that may still be read of files that a project names. Each file may be small, but their number has no
/// limit.
#[derive(Clone, Copy, Debug)]
pub struct TextBudget {
    whole: u64,
    left: u64,
}

impl TextBudget {
    /// Returns a budget for this number of bytes in all files.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { whole: bytes, left: bytes }
    }

    /// Reads one of the files; `read` gets the number of bytes that are left.
    ///
    /// # Errors
    /// The file cannot be read, or it exceeds the budget together with earlier files
    /// ([`FileProblem::TooLargeTogether`]).
    pub fn read(&mut self, read: impl FnOnce(u64) -> Result<String, FileError>) -> Result<String, FileError> {
        let text = read(self.left).map_err(|error| match error.problem {
            FileProblem::TooLarge { .. } if self.left < self.whole => {
                FileError { problem: FileProblem::TooLargeTogether { limit: self.whole, largest: None }, ..error }
            }
            problem => FileError { problem, ..error },
        })?;
        self.left -= self.left.min(text.len() as u64);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::RootedDirectory;

    #[test]
    fn files_are_limited_together() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a"), "12345").unwrap();
        let rooted = RootedDirectory::open(directory.path()).unwrap();
        let mut budget = TextBudget::new(8);
        let mut read = || budget.read(|limit| rooted.read_text("a", limit)).map_err(|error| error.problem.to_string());
        assert_eq!(read(), Ok("12345".to_owned()));
        assert_eq!(read(), Err("with it, the files have more than 8 bytes together".to_owned()));
        let mut small = TextBudget::new(4);
        let told = small.read(|limit| rooted.read_text("a", limit)).unwrap_err().problem.to_string();
        assert_eq!(told, "it has 5 bytes, and at most 4 bytes are read");
    }
}
