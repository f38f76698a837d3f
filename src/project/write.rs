//! Writes a file so that a reader sees either the old bytes or the new ones, never a part.
//!
//! This also holds if the process is killed at any moment.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::ProjectError;

/// Replaces a file's bytes. A symbolic link stays, and its target is replaced. An existing file keeps its mode and
/// owner. A new one gets `mode`, and the owner of its directory if this process may change owners.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), ProjectError> {
    let failed = |error: io::Error| ProjectError::Unwritable { path: path.to_path_buf(), reason: error.to_string() };
    replace_target(&followed(path), bytes, mode).map_err(failed)
}

/// Creates a directory and its parents; new ones are private to the user.
pub fn private_directory(path: &Path) -> Result<(), ProjectError> {
    use std::os::unix::fs::DirBuilderExt;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| ProjectError::Unwritable { path: path.to_path_buf(), reason: error.to_string() })
}

/// Renames a damaged file of envctl and returns the new name: `state.json.broken`.
pub fn set_aside(path: &Path) -> Result<PathBuf, ProjectError> {
    let ended = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let later = (2..).map(|number| ended(&format!(".broken-{number}")));
    let mut candidates = std::iter::once(ended(".broken")).chain(later);
    let is_free = |name: &PathBuf| fs::symlink_metadata(name).is_err();
    let aside = candidates.find(is_free).expect("the numbers have no end");
    let failed = |error: io::Error| ProjectError::Unwritable { path: path.to_path_buf(), reason: error.to_string() };
    fs::rename(path, &aside).map_err(failed)?;
    Ok(aside)
}

fn replace_target(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let old = fs::metadata(path).ok();
    let mode = old.as_ref().map_or(mode, |meta| meta.permissions().mode() & 0o7777);
    let owner = old.or_else(|| fs::metadata(directory).ok()).map(|meta| (meta.uid(), meta.gid()));
    let fill = |mut file: &File| {
        file.write_all(bytes)?;
        if let Some((uid, gid)) = owner {
            keep_owner(file, uid, gid)?;
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    };
    // This file has a name only at the moment of the replacement, so a kill leaves nothing behind.
    if let Ok(unnamed) = tempfile::tempfile_in(directory) {
        fill(&unnamed)?;
        let name = tempfile::Builder::new().prefix(".envctl-").make_in(directory, |name| give_name(&unnamed, name));
        if let Ok(named) = name {
            return named.persist(path).map(drop).map_err(|error| error.error);
        }
    }
    // Some file systems cannot do that.
    let temporary = tempfile::Builder::new().prefix(".envctl-").tempfile_in(directory)?;
    fill(temporary.as_file())?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}

fn give_name(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, format!("/proc/self/fd/{}", file.as_raw_fd()), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// Under `sudo`, a file in the caller's home must keep the caller as its owner.
fn keep_owner(file: &File, uid: u32, gid: u32) -> io::Result<()> {
    let made = file.metadata()?;
    if (made.uid(), made.gid()) == (uid, gid) || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(uid), Some(gid))
}

/// Returns the end of a chain of symbolic links, even if no file exists there. Forty links count as a loop, as in the
/// kernel.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_a_mode_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("dotfiles");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        let link = dir.path().join("config");
        std::os::unix::fs::symlink("dotfiles", &link).unwrap();
        replace(&link, b"new", 0o600).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_new_file_gets_the_mode_asked_for_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        replace(&file, b"secret", 0o600).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_set_aside_is_kept_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state.json");
        for text in ["one", "other"] {
            fs::write(&file, text).unwrap();
            let aside = set_aside(&file).unwrap();
            assert_eq!(fs::read_to_string(aside).unwrap(), text);
            assert!(!file.exists());
        }
        assert!(dir.path().join("state.json.broken").exists() && dir.path().join("state.json.broken-2").exists());
    }

    #[test]
    fn a_failure_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let error = replace(&dir.path().join("no/such/file"), b"", 0o600).unwrap_err();
        assert!(error.to_string().contains("no/such/file"), "{error}");
    }
}
