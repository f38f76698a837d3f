//! A new file that replaces another one completely or not at all, and that leaves nothing behind after a kill.
//!
//! If the file system supports it, the file has no name while it is written, so that it disappears with the process.
//! It has a name only between two system calls. That name is derived from the target's name, and the next replacement
//! removes a file that such a kill left. File systems without unnamed files (NFS, some of FUSE) use a named file.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags, flock, linkat, openat, renameat_with};
use rustix::io::Errno;

/// The prefix of a temporary file's name.
const TEMPORARY: &str = ".envctl-";

/// The limit for attempts: other processes may replace the same file in the meantime, each in two steps.
const ATTEMPTS: u32 = 100;

/// A temporary file. Nobody else can read it before it gets a mode.
pub(super) struct TemporaryFile<'d> {
    directory: &'d Dir,
    file: File,
    /// Its name; `None` while it has none.
    name: Option<OsString>,
}

impl<'d> TemporaryFile<'d> {
    /// Creates a file in `directory`.
    pub(super) fn new(directory: &'d Dir) -> io::Result<Self> {
        match unnamed(directory) {
            Ok(file) => Ok(Self { directory, file, name: None }),
            Err(_) => Self::named(directory),
        }
    }

    fn named(directory: &'d Dir) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        for attempt in 0..ATTEMPTS {
            let name = own_name(attempt);
            match directory.open_with(&name, &options) {
                Ok(file) => return Ok(Self { directory, file: file.into_std(), name: Some(name) }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Moves the file to `name` and replaces the old one.
    pub(super) fn put(mut self, name: &OsStr) -> io::Result<()> {
        // The holder of the directory is the only user of the name, so an existing file was left by a kill.
        let held = hold(self.directory);
        if self.name.is_none() {
            let interim = interim(name);
            let is_free = held.is_some() && remove(self.directory, &interim).is_ok();
            self.name = Some(if is_free { self.linked(interim)? } else { self.linked_somewhere()? });
        }
        let temporary = self.name.as_ref().expect("it was linked");
        self.directory.rename(temporary, self.directory, name)?;
        self.name = None;
        Ok(())
    }

    /// Gives the file `name`, unless something has it.
    pub(super) fn put_new(mut self, name: &OsStr) -> io::Result<()> {
        let Some(temporary) = &self.name else {
            self.linked(name.to_owned())?;
            return Ok(());
        };
        match linkat(self.directory, temporary, self.directory, name, AtFlags::empty()) {
            // The drop removes the first name.
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(Errno::EXIST.into()),
            // The file system has no hard links.
            Err(_) => {
                renameat_with(self.directory, temporary, self.directory, name, RenameFlags::NOREPLACE)?;
                self.name = None;
                Ok(())
            }
        }
    }

    fn linked_somewhere(&self) -> Result<OsString, Errno> {
        let mut attempts = (0..ATTEMPTS).map(|attempt| self.linked(own_name(attempt)));
        attempts.find(|linked| !matches!(linked, Err(Errno::EXIST))).unwrap_or(Err(Errno::EXIST))
    }

    /// Links the file through `/proc`, which needs no privilege.
    fn linked(&self, name: OsString) -> Result<OsString, Errno> {
        let file = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        linkat(CWD, file, self.directory, &name, AtFlags::SYMLINK_FOLLOW).map(|()| name)
    }
}

impl Drop for TemporaryFile<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // The error that led here is the one to report.
            let _ = self.directory.remove_file(name);
        }
    }
}

/// Returns the name that a file has for a moment before it replaces `name`: `.envctl-new-envctl.lock`.
fn interim(name: &OsStr) -> OsString {
    let mut interim = OsString::from(format!("{TEMPORARY}new-"));
    interim.push(name);
    interim
}

/// Returns a name that only this process uses.
fn own_name(attempt: u32) -> OsString {
    format!("{TEMPORARY}{}-{attempt}", rustix::process::getpid().as_raw_nonzero()).into()
}

/// Keeps others from replacing files in this directory, until it is dropped. It never waits: the result is `None` if
/// somebody else holds the lock for any reason.
fn hold(directory: &Dir) -> Option<OwnedFd> {
    let opened = openat(directory, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    flock(&opened, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(opened)
}

fn unnamed(directory: &Dir) -> Result<File, Errno> {
    // The file is linked through `/proc` later; without `/proc` it must have a name from the start.
    rustix::fs::access("/proc/self/fd", rustix::fs::Access::EXISTS)?;
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    Ok(openat(directory, ".", flags, Mode::RUSR | Mode::WUSR)?.into())
}

fn remove(directory: &Dir, name: &OsStr) -> io::Result<()> {
    match directory.remove_file(name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use cap_std::ambient_authority;

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_is_not_put_yet_has_no_name_to_be_left() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Dir::open_ambient_dir(dir.path(), ambient_authority()).unwrap();
        let name = OsStr::new("lock");
        let mut temporary = TemporaryFile::new(&directory).unwrap();
        temporary.file().write_all(b"new").unwrap();
        assert!(names(dir.path()).is_empty());
        // A kill between the last two steps leaves the file like this.
        temporary.linked(interim(name)).unwrap();
        assert_eq!(names(dir.path()), [".envctl-new-lock"]);
        drop(temporary);
        let mut next = TemporaryFile::new(&directory).unwrap();
        next.file().write_all(b"next").unwrap();
        next.put(name).unwrap();
        assert_eq!(
            (names(dir.path()), std::fs::read(dir.path().join("lock")).unwrap()),
            (vec!["lock".into()], b"next".to_vec())
        );
    }

    #[test]
    fn a_new_file_never_takes_the_place_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Dir::open_ambient_dir(dir.path(), ambient_authority()).unwrap();
        for make in [TemporaryFile::new, TemporaryFile::named] {
            let name = OsStr::new("lock");
            make(&directory).unwrap().put_new(name).unwrap();
            assert_eq!(names(dir.path()), ["lock"]);
            let error = make(&directory).unwrap().put_new(name).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(names(dir.path()), ["lock"]);
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
    }

    #[test]
    fn without_unnamed_files_nothing_is_left_either() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Dir::open_ambient_dir(dir.path(), ambient_authority()).unwrap();
        drop(TemporaryFile::named(&directory).unwrap());
        assert!(names(dir.path()).is_empty());
        TemporaryFile::named(&directory).unwrap().put(OsStr::new("lock")).unwrap();
        assert_eq!(names(dir.path()), ["lock"]);
    }

    #[test]
    fn many_at_once_put_whole_files_and_leave_none() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Dir::open_ambient_dir(dir.path(), ambient_authority()).unwrap();
        let write = |byte: u8| {
            let mut temporary = TemporaryFile::new(&directory).unwrap();
            temporary.file().write_all(&[byte; 4096]).unwrap();
            temporary.put(OsStr::new("lock")).unwrap();
        };
        std::thread::scope(|scope| {
            for byte in 0..8 {
                scope.spawn(move || (0..50).for_each(|_| write(byte)));
            }
        });
        let bytes = std::fs::read(dir.path().join("lock")).unwrap();
        assert!(bytes.len() == 4096 && bytes.iter().all(|byte| *byte == bytes[0]));
        assert_eq!(names(dir.path()), ["lock"]);
    }
}
