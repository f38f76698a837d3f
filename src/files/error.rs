//! The reasons why a file is not read or written.
//!
//! Each error names the file, the access and the problem.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Exit, Report};

/// A file that cannot be read or written, and the reason.
#[derive(Debug, thiserror::Error)]
#[error("can't {access} `{}`: {problem}", path.display())]
pub struct FileError {
    pub path: PathBuf,
    /// The attempted access.
    pub access: FileAccess,
    /// The problem that was found.
    pub problem: FileProblem,
}

/// An access to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAccess {
    Read,
    Write,
}

/// The reason why a file is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// The system refused the access.
    #[error("{0}")]
    System(io::Error),
    /// The path exists, but it is not a regular file.
    #[error("it is {0}, not a regular file")]
    Kind(FileKind),
    /// A link on the path leaves the directory.
    #[error("{}", leaving(target.as_deref(), *comes_back))]
    Leaves {
        /// The target of the file's own link; `None` if a directory before it is the link.
        target: Option<PathBuf>,
        /// Whether the path ends in the directory again: the link is absolute, or goes through a directory outside.
        comes_back: bool,
    },
    /// The file is larger than the limit.
    #[error("it has {}, and at most {} are read", size_of(*size, *limit), size_words(*limit))]
    TooLarge {
        /// The size in bytes; `None` if the file grew during the read.
        size: Option<u64>,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// The file is not what was read before.
    #[error("it changed in the meantime")]
    Changed,
    /// A directory contains too many files.
    #[error("it contains more than {limit} files")]
    TooMany {
        /// The limit for the number of files.
        limit: usize,
    },
    /// The files of a directory together are too large.
    #[error("with it, the files have more than {} together", size_words(*limit))]
    TooLargeTogether {
        /// The limit in bytes.
        limit: u64,
        /// The largest file so far and its size in bytes.
        largest: Option<(PathBuf, u64)>,
    },
    /// Directories are nested too deeply.
    #[error("it is more than {limit} directories deep")]
    TooDeep {
        /// The limit for the depth.
        limit: usize,
    },
    /// A link leads to a directory that contains it, so the walk would never end.
    #[error("it is a link to a directory that contains it")]
    Circular,
}

/// The kind of an entry in a directory that is not a regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Directory,
    Pipe,
    /// A socket, or a device without a driver; neither can be opened.
    SocketOrDevice,
    Link,
}

impl FileError {
    /// The error of a failed read.
    #[must_use]
    pub fn read(path: &Path, problem: FileProblem) -> Self {
        Self { path: path.to_path_buf(), access: FileAccess::Read, problem }
    }

    /// The error of a read of a missing file.
    #[must_use]
    pub fn missing(path: &Path) -> Self {
        let error = rustix::io::Errno::NOENT.into();
        Self::read(path, FileProblem::System(error))
    }

    /// The error of a failed write.
    #[must_use]
    pub fn write(path: &Path, problem: FileProblem) -> Self {
        Self { path: path.to_path_buf(), access: FileAccess::Write, problem }
    }
}

impl FileProblem {
    /// Whether the file is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether another file has the name.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::AlreadyExists)
    }

    /// Whether the system refused the access, so that the file's kind is unknown.
    #[must_use]
    pub fn is_of_system(&self) -> bool {
        matches!(self, Self::System(_))
    }

    /// Returns advice, one action in each line.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Leaves { comes_back: true, .. } => {
                vec!["make it a relative link that stays inside the project".to_owned()]
            }
            Self::Leaves { comes_back: false, .. } => vec![
                "put the file itself into the project: envctl follows only relative links that stay inside it"
                    .to_owned(),
            ],
            Self::Kind(FileKind::Link) => vec!["remove the link: envctl does not write through links".to_owned()],
            Self::TooLargeTogether { largest: Some((path, bytes)), .. } => vec![
                format!("the largest file is `{}` with {}", path.display(), size_words(*bytes)),
                "mount data with `[run] mounts` and copy only what the image needs".to_owned(),
            ],
            Self::TooMany { .. } => {
                vec!["mount data with `[run] mounts` and copy only what the image needs".to_owned()]
            }
            Self::Changed => vec!["run the command again".to_owned()],
            Self::TooLargeTogether { largest: None, .. } => {
                vec!["keep in these text files only what is needed, and name fewer of them".to_owned()]
            }
            Self::System(_)
            | Self::Kind(_)
            | Self::TooLarge { .. }
            | Self::NotText
            | Self::TooDeep { .. }
            | Self::Circular => Vec::new(),
        }
    }
}

impl From<io::Error> for FileProblem {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Report for FileError {
    fn kind(&self) -> &'static str {
        match self.access {
            FileAccess::Read => "unreadable",
            FileAccess::Write => "unwritable",
        }
    }

    fn exit(&self) -> Exit {
        match self.problem {
            FileProblem::System(_) => Exit::Failed,
            _ => Exit::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        self.problem.hints()
    }
}

impl fmt::Display for FileAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a directory",
            Self::Pipe => "a named pipe",
            Self::SocketOrDevice => "a socket or a device",
            Self::Link => "a symbolic link",
        })
    }
}

/// Returns a number of bytes for people: `64 MiB`, `1.5 GiB`, `12 bytes`.
#[must_use]
pub fn size_words(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let Some((shift, unit)) = units.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return format!("{bytes} bytes");
    };
    let tenths = (u128::from(bytes) * 10) >> shift;
    if tenths.is_multiple_of(10) {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

fn size_of(size: Option<u64>, limit: u64) -> String {
    size.map_or_else(|| format!("more than {}", size_words(limit)), size_words)
}

fn leaving(target: Option<&Path>, comes_back: bool) -> String {
    match target {
        Some(target) if comes_back && target.is_absolute() => {
            format!("it is an absolute link, to `{}`, and absolute links are not followed", target.display())
        }
        _ if comes_back => {
            "a link in its path is absolute or goes through a directory outside the project, and such links are not followed"
                .to_owned()
        }
        Some(target) => format!("it is a link that leads out of the project, to `{}`", target.display()),
        None => "a link on the way to it leads out of the project".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_words() {
        assert_eq!(size_words(12), "12 bytes");
        assert_eq!(size_words(64 << 20), "64 MiB");
        assert_eq!(size_words(3 << 29), "1.5 GiB");
        assert_eq!(size_words(u64::MAX), "17179869183.9 GiB");
    }
}
