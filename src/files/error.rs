//! The reasons why a file is not read or written.
//!
//! Each error names the file, the attempt and what was found.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Exit, Report};

/// A file that is not read or not written, and why.
#[derive(Debug, thiserror::Error)]
#[error("can't {access} `{}`: {problem}", path.display())]
pub struct FileError {
    pub path: PathBuf,
    /// What was attempted.
    pub access: FileAccess,
    /// What was found.
    pub problem: FileProblem,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAccess {
    Read,
    Write,
}

/// What stands against it.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// The system refused.
    #[error("{0}")]
    System(io::Error),
    /// It is there, and it is no regular file.
    #[error("it is {0}, not a regular file")]
    Kind(FileKind),
    /// A link on the way to it leaves the directory that it belongs to.
    #[error("{}", leaving(target.as_deref(), *comes_back))]
    Leaves {
        /// Where its own link leads; none where a directory before it is the link.
        target: Option<PathBuf>,
        /// The path ends in the directory all the same: the link is absolute, or goes through a directory outside.
        comes_back: bool,
    },
    /// It is larger than anything that is of use here.
    #[error("it has {}, and at most {} are read", size_of(*size, *limit), size_words(*limit))]
    TooLarge {
        /// Bytes; none where it grew while it was read.
        size: Option<u64>,
        /// Bytes.
        limit: u64,
    },
    /// It is no UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// A directory holds more than is taken.
    #[error("it holds more than {limit} files")]
    TooMany {
        /// How many are taken.
        limit: usize,
    },
    /// The files of a directory together have more than is taken.
    #[error("with it there are more than {} together", size_words(*limit))]
    TooLargeTogether {
        /// Bytes.
        limit: u64,
        /// The largest file so far and its bytes.
        largest: Option<(PathBuf, u64)>,
    },
    /// Directories within directories, too many of them.
    #[error("it lies more than {limit} directories deep")]
    TooDeep {
        /// How many are entered.
        limit: usize,
    },
    /// A link to a directory that it lies in: it has no end.
    #[error("it is a link to a directory that it lies in")]
    Circular,
}

/// What a name of a directory can stand for, other than a regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Directory,
    Pipe,
    /// Sockets can't be opened at all, and devices without a driver can't either.
    SocketOrDevice,
    Link,
}

impl FileError {
    /// It was to be read.
    #[must_use]
    pub fn read(path: &Path, problem: FileProblem) -> Self {
        Self { path: path.to_path_buf(), access: FileAccess::Read, problem }
    }

    /// It was to be read, and nothing is there.
    #[must_use]
    pub fn missing(path: &Path) -> Self {
        let error = rustix::io::Errno::NOENT.into();
        Self::read(path, FileProblem::System(error))
    }

    /// It was to be written.
    #[must_use]
    pub fn write(path: &Path, problem: FileProblem) -> Self {
        Self { path: path.to_path_buf(), access: FileAccess::Write, problem }
    }
}

impl FileProblem {
    /// Whether nothing is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the system refused, so that nothing is known of what is there.
    #[must_use]
    pub fn is_of_system(&self) -> bool {
        matches!(self, Self::System(_))
    }

    /// Advice, one action each.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Leaves { comes_back: true, .. } => {
                vec!["make it a relative link that stays inside the project".to_owned()]
            }
            Self::Leaves { comes_back: false, .. } => vec![
                "put the file itself into the project: links out of it are not followed, and absolute links never"
                    .to_owned(),
            ],
            Self::Kind(FileKind::Link) => vec!["remove the link: nothing is written through links here".to_owned()],
            Self::TooLargeTogether { largest: Some((path, bytes)), .. } => vec![
                format!("the largest file is `{}` with {}", path.display(), size_words(*bytes)),
                "mount data with `[run] mounts` and copy only what the image needs".to_owned(),
            ],
            Self::TooMany { .. } => {
                vec!["mount data with `[run] mounts` and copy only what the image needs".to_owned()]
            }
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

/// A number of bytes for people: `64 MiB`, `1.5 GiB`, `12 bytes`.
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
