//! An open file: its kind, its size and its bytes up to a limit.
//!
//! The checks use the open file and not its name, so that nobody can replace it in between.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FileType, OFlags};

use super::{FileKind, FileProblem};

/// The flags for opening: do not wait for the other end of a pipe, and do not make a terminal the controlling one.
pub(super) const FLAGS: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// A regular file, open for reading.
#[derive(Debug)]
pub struct OpenedFile {
    file: File,
    metadata: Metadata,
}

/// Opens a file; its links may lead anywhere. An entry that is not a regular file is refused and not read.
pub fn open(path: &Path) -> Result<OpenedFile, FileProblem> {
    let opened = OpenOptions::new().read(true).custom_flags(FLAGS.bits().cast_signed()).open(path);
    OpenedFile::of(opened)
}

/// Whether a path leads to a regular file, for a choice between several paths.
#[must_use]
pub fn is_regular(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}

impl OpenedFile {
    /// Checks the kind of the open file.
    pub(super) fn of(opened: io::Result<File>) -> Result<Self, FileProblem> {
        let file = opened.map_err(refused)?;
        let metadata = file.metadata()?;
        match kind(metadata.mode()) {
            None => Ok(Self { file, metadata }),
            Some(kind) => Err(FileProblem::Kind(kind)),
        }
    }

    /// Returns the user ID of its owner.
    #[must_use]
    pub fn owner(&self) -> u32 {
        self.metadata.uid()
    }

    /// Returns its length in bytes at the time of opening.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.metadata.len()
    }

    /// Returns its length, time of the last change and mode, which represent the bytes of large files.
    #[must_use]
    pub fn state(&self) -> String {
        let meta = &self.metadata;
        format!("{} {} {} {:o}", meta.len(), meta.mtime(), meta.mtime_nsec(), meta.mode())
    }

    /// Returns its mode: permissions and type.
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.metadata.mode()
    }

    /// Whether any user may execute it.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.mode() & 0o111 != 0
    }

    /// Returns its bytes. More than `limit` bytes are an error, before memory is used for them.
    pub fn bytes(self, limit: u64) -> Result<Vec<u8>, FileProblem> {
        let size = self.size();
        if size > limit {
            return Err(FileProblem::TooLarge { size: Some(size), limit });
        }
        // A file can grow during the read, and files in `/proc` report no length.
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        self.file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(FileProblem::TooLarge { size: None, limit });
        }
        Ok(bytes)
    }

    /// Returns at most `length` bytes from an offset, less at the end of the file.
    pub fn bytes_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, FileProblem> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut bytes[filled..], offset + filled as u64)? {
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// As [`Self::bytes`], as text.
    pub fn text(self, limit: u64) -> Result<String, FileProblem> {
        String::from_utf8(self.bytes(limit)?).map_err(|_| FileProblem::NotText)
    }
}

/// Returns the kind of a file with this mode; `None` for a regular file.
pub(super) fn kind(mode: u32) -> Option<FileKind> {
    match FileType::from_raw_mode(mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some(FileKind::Directory),
        FileType::Fifo => Some(FileKind::Pipe),
        FileType::Symlink => Some(FileKind::Link),
        _ => Some(FileKind::SocketOrDevice),
    }
}

fn refused(error: io::Error) -> FileProblem {
    let no_such_device = error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error());
    if no_such_device { FileProblem::Kind(FileKind::SocketOrDevice) } else { FileProblem::System(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(path: &Path) -> String {
        open(path).and_then(|file| file.bytes(100)).unwrap_err().to_string()
    }

    #[test]
    fn only_a_regular_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let socket = dir.path().join("socket");
        std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(problem(&pipe), "it is a named pipe, not a regular file");
        assert_eq!(problem(&socket), "it is a socket or a device, not a regular file");
        assert_eq!(problem(Path::new("/dev/zero")), "it is a socket or a device, not a regular file");
        assert_eq!(problem(dir.path()), "it is a directory, not a regular file");
    }

    #[test]
    fn a_large_file_is_refused_before_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sparse");
        File::create(&file).unwrap().set_len(10 << 30).unwrap();
        assert_eq!(problem(&file), "it has 10 GiB, and at most 100 bytes are read");
        File::create(&file).unwrap().set_len(100).unwrap();
        assert_eq!(open(&file).unwrap().bytes(100).unwrap().len(), 100);
    }

    #[test]
    fn a_file_without_a_length_is_read_to_the_limit() {
        let read = open(Path::new("/proc/self/status")).unwrap().bytes(1);
        assert!(matches!(read, Err(FileProblem::TooLarge { size: None, limit: 1 })), "{read:?}");
    }
}
