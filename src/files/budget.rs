//! A common size limit for several files.
//!
//! A limit for each file alone would let many small files fill the memory together.

use super::{FileError, FileProblem};

/// Bytes that may still be read of files that a project names: each of them may be small, and all together without end.
#[derive(Clone, Copy, Debug)]
pub struct TextBudget {
    whole: u64,
    left: u64,
}

impl TextBudget {
    /// For files of so many bytes together.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { whole: bytes, left: bytes }
    }

    /// Reads one of them; `read` gets the bytes that it may have.
    ///
    /// # Errors
    /// Why it is not read; [`FileProblem::TooLargeTogether`] where it is too much with those before it.
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
        assert_eq!(read(), Err("with it there are more than 8 bytes together".to_owned()));
        let mut small = TextBudget::new(4);
        let told = small.read(|limit| rooted.read_text("a", limit)).unwrap_err().problem.to_string();
        assert_eq!(told, "it has 5 bytes, and at most 4 bytes are read");
    }
}
