//! A directory as the root of all reads and writes: no path leads out of it.
//!
//! The kernel resolves each path below the open directory (`openat2` with `RESOLVE_BENEATH`, since Linux 5.6); on
//! older kernels `cap-std` checks each part. A link that stays inside is followed. A link that leads out is refused,
//! and so is every absolute link. [`Reads`] records every read.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, File, MetadataExt, OpenOptions, OpenOptionsExt};

use super::opened::{FLAGS, kind};
use super::path_walk::{PathWalk, walk};
use super::temporary::TemporaryFile;
use super::{FileError, FileKind, FileProblem, OpenedFile, Reads, open, text};

/// A directory as the root of reads and writes. Clones share the open directory and its record.
#[derive(Clone, Debug)]
pub struct RootedDirectory {
    path: PathBuf,
    handle: Arc<Dir>,
    reads: Reads,
}

impl RootedDirectory {
    /// Opens a directory; its path may contain links.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let opened =
            path.canonicalize().and_then(|real| Ok((Dir::open_ambient_dir(&real, ambient_authority())?, real)));
        let (handle, path) = opened.map_err(|error| FileError::read(path, error.into()))?;
        Ok(Self { path, handle: Arc::new(handle), reads: Reads::default() })
    }

    /// Returns its path, without symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the record of all reads through it.
    #[must_use]
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Returns the same directory with a separate record.
    pub(super) fn recorded_apart(&self) -> Self {
        Self { reads: Reads::default(), ..self.clone() }
    }

    /// Returns the user ID of its owner.
    pub fn owner(&self) -> Result<u32, FileError> {
        let metadata = self.handle.dir_metadata().map_err(|error| FileError::read(&self.path, error.into()))?;
        Ok(metadata.uid())
    }

    /// Opens a regular file inside it. The caller records its own reads of the file.
    pub fn file(&self, name: &Path) -> Result<OpenedFile, FileProblem> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(FLAGS.bits().cast_signed());
        let opened = self.handle.open_with(name, &options).map(File::into_std);
        OpenedFile::of(opened).map_err(|problem| self.explained(name, problem))
    }

    /// Returns the bytes of a regular file inside it.
    pub fn read(&self, name: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>, FileError> {
        let name = name.as_ref();
        self.recorded(name, self.file(name).and_then(|file| file.bytes(limit)))
    }

    /// As [`Self::read`], as text.
    pub fn read_text(&self, name: impl AsRef<Path>, limit: u64) -> Result<String, FileError> {
        let name = name.as_ref();
        text(&self.path.join(name), self.read(name, limit)?)
    }

    /// Returns the bytes of a file that may be outside: an absolute path, or a relative one that begins with `..`. A
    /// path that enters this directory does not leave it again.
    pub fn read_named(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let file = match walk(&self.path, path) {
            PathWalk::Inside(name) => self.file(&name),
            PathWalk::Outside(path) => open(&path),
        };
        self.recorded(path, file.and_then(|file| file.bytes(limit)))
    }

    /// As [`Self::read_named`], as text.
    pub fn read_named_text(&self, path: &Path, limit: u64) -> Result<String, FileError> {
        text(&self.path.join(path), self.read_named(path, limit)?)
    }

    /// Returns the bytes of a file of the caller or the machine; its links may lead anywhere.
    pub fn read_callers(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let read = open(path).and_then(|file| file.bytes(limit));
        self.reads.callers_file(path, read.as_deref());
        read.map_err(|problem| FileError::read(path, problem))
    }

    /// As [`Self::read_callers`]. The record holds the file's size and time in place of its bytes.
    pub fn read_large_callers(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let read = self.open_large_callers(path).and_then(|file| file.bytes(limit));
        read.map_err(|problem| FileError::read(path, problem))
    }

    /// Opens a large file of the caller or the machine, and records its size and time.
    pub(super) fn open_large_callers(&self, path: &Path) -> Result<OpenedFile, FileProblem> {
        let opened = open(path);
        self.reads.large_callers_file(path, opened.as_ref());
        opened
    }

    /// As [`Self::read_callers`], as text.
    pub fn read_callers_text(&self, path: &Path, limit: u64) -> Result<String, FileError> {
        text(path, self.read_callers(path, limit)?)
    }

    /// Returns the sorted names in a directory of the caller that end in `suffix`.
    pub fn callers_names(&self, path: &Path, suffix: &str) -> io::Result<Vec<OsString>> {
        let listed: io::Result<Vec<OsString>> =
            std::fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let names = listed.map(|mut names| {
            names.retain(|name| name.as_encoded_bytes().ends_with(suffix.as_bytes()));
            names.sort();
            names
        });
        self.reads.callers_names(path, suffix, names.as_deref().unwrap_or_default());
        names
    }

    /// Records the result of reading a file inside it.
    pub fn recorded(&self, name: &Path, read: Result<Vec<u8>, FileProblem>) -> Result<Vec<u8>, FileError> {
        let path = self.path.join(name);
        self.reads.file(&path, read.as_deref());
        read.map_err(|problem| FileError::read(&path, problem))
    }

    /// Replaces a file inside it atomically: a reader sees the old bytes or the new ones, even after a kill. An
    /// existing file keeps its mode and owner. A new one gets `mode`, and the owner of its directory if this process
    /// may change owners. Every link at its path is refused, and everything else that is not a regular file.
    pub fn replace(&self, name: impl AsRef<Path>, bytes: &[u8], mode: u32) -> Result<(), FileError> {
        let name = name.as_ref();
        let replaced = self.parent(name).and_then(|(parent, file)| replace(&parent, file, bytes, mode));
        let path = self.path.join(name);
        replaced.map_err(|problem| FileError::write(&path, self.explained(name, problem)))?;
        self.reads.written(&path, bytes);
        Ok(())
    }

    /// Creates a file inside it, whole or not at all. Whatever has the name stays, and is an error.
    pub fn create(&self, name: impl AsRef<Path>, bytes: &[u8], mode: u32) -> Result<(), FileError> {
        let name = name.as_ref();
        let created = self.parent(name).and_then(|(parent, file)| {
            let owner = parent.dir_metadata().map(|meta| (meta.uid(), meta.gid()))?;
            Ok(written(&parent, bytes, owner, mode)?.put_new(file)?)
        });
        let path = self.path.join(name);
        created.map_err(|problem| FileError::write(&path, self.explained(name, problem)))?;
        self.reads.written(&path, bytes);
        Ok(())
    }

    /// As [`Self::replace`], if the file still has the bytes that were read before.
    pub fn replace_read(&self, name: impl AsRef<Path>, read: &[u8], bytes: &[u8], mode: u32) -> Result<(), FileError> {
        let name = name.as_ref();
        let now = self.file(name).and_then(|file| file.bytes(read.len() as u64));
        if now.is_ok_and(|now| now == read) {
            return self.replace(name, bytes, mode);
        }
        Err(FileError::write(&self.path.join(name), FileProblem::Changed))
    }

    /// Creates a directory inside it, with its parents.
    pub fn create_directories(&self, name: impl AsRef<Path>) -> Result<(), FileError> {
        let name = name.as_ref();
        if name.as_os_str().is_empty() || name == Path::new(".") {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        let made = self.handle.create_dir_with(name, &builder);
        made.map_err(|error| FileError::write(&self.path.join(name), self.explained(name, error.into())))
    }

    /// Returns the names in a directory inside it, sorted, and whether each is a directory itself. A link is none. The
    /// list ends at `limit`.
    pub fn listed(&self, name: impl AsRef<Path>, limit: usize) -> Result<Vec<(String, bool)>, FileError> {
        let name = name.as_ref();
        let inside = if name.as_os_str().is_empty() { Path::new(".") } else { name };
        let listed = self.handle.read_dir(inside).and_then(|entries| {
            let named = entries.take(limit).map(|entry| {
                let entry = entry?;
                let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                Ok((entry.file_name().into_string().ok(), is_directory))
            });
            named.collect::<io::Result<Vec<_>>>()
        });
        let listed =
            listed.map_err(|error| FileError::read(&self.path.join(name), self.explained(name, error.into())))?;
        let mut names: Vec<_> = listed.into_iter().filter_map(|(name, is)| Some((name?, is))).collect();
        names.sort();
        Ok(names)
    }

    /// Opens a directory inside it as another root.
    pub fn directory(&self, name: impl AsRef<Path>) -> Result<Self, FileError> {
        let name = name.as_ref();
        match self.handle.open_dir(name) {
            Ok(handle) => Ok(Self { path: self.path.join(name), handle: Arc::new(handle), reads: self.reads.clone() }),
            Err(error) => Err(FileError::read(&self.path.join(name), self.explained(name, error.into()))),
        }
    }

    /// Returns the rest of a path, absolute or relative to this directory, that enters it. The rest then stays
    /// inside.
    #[must_use]
    pub fn entered_by(&self, path: &Path) -> Option<PathBuf> {
        match walk(&self.path, path) {
            PathWalk::Inside(name) => Some(name),
            PathWalk::Outside(_) => None,
        }
    }

    pub(super) fn handle(&self) -> &Dir {
        &self.handle
    }

    /// Turns the missing permission that `cap-std` reports for a link to the outside into an error that names the
    /// link's target.
    pub(super) fn explained(&self, name: &Path, problem: FileProblem) -> FileProblem {
        match problem {
            FileProblem::System(error)
                if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() =>
            {
                let comes_back = self.path.join(name).canonicalize().is_ok_and(|real| real.starts_with(&self.path));
                FileProblem::Leaves { target: self.handle.read_link_contents(name).ok(), comes_back }
            }
            other => other,
        }
    }

    /// Returns the directory that contains a file, and the file's name in it.
    fn parent<'n>(&self, name: &'n Path) -> Result<(Arc<Dir>, &'n OsStr), FileProblem> {
        let Some(Component::Normal(file)) = name.components().next_back() else {
            return Err(FileProblem::Kind(FileKind::Directory));
        };
        match name.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            None => Ok((Arc::clone(&self.handle), file)),
            Some(parent) => Ok((Arc::new(self.handle.open_dir(parent)?), file)),
        }
    }
}

fn replace(directory: &Dir, name: &OsStr, bytes: &[u8], mode: u32) -> Result<(), FileProblem> {
    let old = match directory.symlink_metadata(name) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(kind) = old.as_ref().and_then(|old| kind(old.mode())) {
        return Err(FileProblem::Kind(kind));
    }
    let mode = old.as_ref().map_or(mode, |old| old.mode() & 0o777);
    let owner = match &old {
        Some(old) => (old.uid(), old.gid()),
        None => directory.dir_metadata().map(|meta| (meta.uid(), meta.gid()))?,
    };
    Ok(written(directory, bytes, owner, mode)?.put(name)?)
}

/// Writes a temporary file.
fn written<'d>(directory: &'d Dir, bytes: &[u8], owner: (u32, u32), mode: u32) -> io::Result<TemporaryFile<'d>> {
    let mut temporary = TemporaryFile::new(directory)?;
    let file = temporary.file();
    file.write_all(bytes)?;
    keep_owner(file, owner)?;
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    file.sync_all()?;
    Ok(temporary)
}

/// Under `sudo`, a file in the caller's directory must keep the caller as its owner.
fn keep_owner(file: &std::fs::File, (uid, gid): (u32, u32)) -> io::Result<()> {
    let made = file.metadata()?;
    if (made.uid(), made.gid()) == (uid, gid) || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(uid), Some(gid))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn links_inside_are_followed_and_no_others() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret"), "secret").unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("file"), "file").unwrap();
        symlink("../file", dir.path().join("sub/near")).unwrap();
        symlink(outside.path().join("secret"), dir.path().join("far")).unwrap();
        symlink(outside.path(), dir.path().join("out")).unwrap();
        symlink(dir.path().join("file"), dir.path().join("absolute")).unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        assert_eq!(root.read("sub/near", 10).unwrap(), b"file");
        for name in ["far", "out/secret", "absolute", "../x"] {
            let error = root.read(name, 10).unwrap_err();
            assert!(matches!(error.problem, FileProblem::Leaves { .. }), "{name}: {error}");
        }
        let told = root.read("far", 10).unwrap_err().to_string();
        assert!(told.contains("leads out of the project"), "{told}");
        assert!(told.contains(&outside.path().join("secret").display().to_string()), "{told}");
        assert!(root.read("nothing", 10).unwrap_err().problem.is_missing());
    }

    #[test]
    fn a_link_that_comes_back_is_not_said_to_lead_out() {
        let dir = tempfile::tempdir().unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/file"), "file").unwrap();
        symlink(root.path().join("sub/file"), dir.path().join("absolute")).unwrap();
        symlink(root.path().join("sub"), dir.path().join("way")).unwrap();
        let around = PathBuf::from("..").join(root.path().file_name().unwrap()).join("sub/file");
        symlink(around, dir.path().join("around")).unwrap();
        for (name, says) in [("absolute", "it is an absolute link, to"), ("way/file", "a link"), ("around", "a link")] {
            let problem = root.file(Path::new(name)).unwrap_err();
            let told = problem.to_string();
            assert!(
                told.contains(says) && told.contains("not followed") && !told.contains("leads out"),
                "{name}: {told}"
            );
            assert_eq!(problem.hints(), ["make it a relative link that stays inside the project"], "{name}");
        }
    }

    #[test]
    fn a_path_that_enters_does_not_leave_again() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret"), "secret").unwrap();
        fs::write(dir.path().join("file"), "file").unwrap();
        symlink(outside.path().join("secret"), dir.path().join("far")).unwrap();
        symlink(dir.path(), outside.path().join("way")).unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        let back = PathBuf::from("..").join(root.path().file_name().unwrap());
        assert_eq!(root.read_named(&outside.path().join("secret"), 10).unwrap(), b"secret");
        for way in [PathBuf::new(), root.path().to_path_buf(), outside.path().join("way"), back] {
            assert_eq!(root.read_named(&way.join("file"), 10).unwrap(), b"file");
            let error = root.read_named(&way.join("far"), 10).unwrap_err();
            assert!(matches!(error.problem, FileProblem::Leaves { .. }), "{}: {error}", way.display());
        }
    }

    #[test]
    fn a_file_is_replaced_and_keeps_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o7777;
        root.replace("new", b"1", 0o640).unwrap();
        assert_eq!(mode("new"), 0o640);
        fs::set_permissions(dir.path().join("new"), fs::Permissions::from_mode(0o600)).unwrap();
        root.replace("new", b"2", 0o644).unwrap();
        assert_eq!((mode("new"), fs::read(dir.path().join("new")).unwrap()), (0o600, b"2".to_vec()));
        root.create_directories("a/b").unwrap();
        root.create_directories("a/b").unwrap();
        root.replace("a/b/deep", b"3", 0o644).unwrap();
        assert_eq!(names(dir.path()), ["a", "new"]);
    }

    #[test]
    fn nothing_is_written_through_a_link_and_nothing_is_left() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = RootedDirectory::open(dir.path()).unwrap();
        symlink(outside.path().join("new"), dir.path().join("dangling")).unwrap();
        symlink(outside.path(), dir.path().join("out")).unwrap();
        fs::create_dir(dir.path().join("directory")).unwrap();
        let before = names(dir.path());
        for name in ["dangling", "out", "directory"] {
            let error = root.replace(name, b"x", 0o644).unwrap_err();
            assert!(matches!(error.problem, FileProblem::Kind(_)), "{name}: {error}");
        }
        assert!(root.replace("out/new", b"x", 0o644).is_err());
        assert!(root.create_directories("out/new").is_err());
        assert_eq!(names(dir.path()), before);
        assert!(names(outside.path()).is_empty());
    }
}
