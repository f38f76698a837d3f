//! Looks at a path of which no part is a link, through one chain of open directories.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use rustix::fs::{CWD, Mode, OFlags, fstatvfs, openat};

/// Returns what is at an absolute path, and the ID of its file system as `stat`
/// prints it. Each part is opened in the directory before it, so that nobody can put a link
/// in its place during the lookup.
///
/// # Errors
/// Something is missing, or a part of the path is a link.
pub fn look_without_links(path: &Path) -> io::Result<(Metadata, u64)> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at: OwnedFd = openat(CWD, "/", flags, Mode::empty())?;
    for part in path.components() {
        match part {
            Component::RootDir => {}
            Component::Normal(name) => at = openat(&at, name, flags, Mode::empty())?,
            Component::CurDir | Component::ParentDir | Component::Prefix(_) => {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
    }
    // The last part may be a link too. An earlier link is no directory in which the next part can be opened.
    // `stat` prints the first of its two halves first.
    let file_system = fstatvfs(&at)?.f_fsid.rotate_left(32);
    let metadata = File::from(at).metadata()?;
    if metadata.is_symlink() { Err(io::ErrorKind::NotADirectory.into()) } else { Ok((metadata, file_system)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, symlink};

    #[test]
    fn a_link_in_any_place_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/file"), "").unwrap();
        symlink("a", root.join("link")).unwrap();
        let (found, _) = look_without_links(&root.join("a/b")).unwrap();
        assert_eq!(found.ino(), root.join("a/b").metadata().unwrap().ino());
        assert!(look_without_links(&root.join("a/file")).unwrap().0.is_file());
        for refused in ["link", "link/b", "missing", "a/../a"] {
            assert!(look_without_links(&root.join(refused)).is_err(), "{refused}");
        }
    }
}
