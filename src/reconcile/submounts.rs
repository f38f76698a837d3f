//! Finds file systems inside a directory that will be mounted read-only.
//!
//! Before Docker 25, an engine makes only the top file system of a mount read-only; file systems inside it stay
//! writable. A user who agreed to read access did not agree to that.

use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::mount_error::{MountError, MountProblem};
use super::mounts::Mounts;
use crate::engine::{Engine, MountKind, MountSpec};
use crate::error::Error;
use crate::files;

/// The kernel's list of mounts.
const TABLE: &str = "/proc/self/mountinfo";

/// Checks that everything below a read-only mount is read-only. A directory that is also mounted writable is not
/// checked.
///
/// # Errors
/// A directory contains a writable file system, and the engine would leave it writable.
pub(super) async fn check_submounts(engine: &impl Engine, mounts: &Mounts) -> Result<(), Error> {
    let Ok(table) = files::read_text(Path::new(TABLE), files::DOCUMENT) else { return Ok(()) };
    let Some((path, inner)) = first_writable(&table, mounts) else { return Ok(()) };
    if engine.describe().await?.mounts_read_only_recursively() {
        return Ok(());
    }
    Err(MountError::from(MountProblem::WritableInside { path, inner }).into())
}

/// Returns the first read-only mount that contains a writable file system, and that file system.
fn first_writable(table: &str, mounts: &Mounts) -> Option<(PathBuf, PathBuf)> {
    let binds = || mounts.specs.iter().filter(|spec| spec.kind == MountKind::Bind);
    let is_writable_too = |spec: &&MountSpec| {
        let source = Path::new(&spec.source);
        binds().any(|other| !other.read_only && source.starts_with(&other.source))
    };
    let read_only = binds().filter(|spec| spec.read_only && !is_writable_too(spec));
    read_only.map(|spec| PathBuf::from(&spec.source)).find_map(|path| {
        let inner = table.lines().filter_map(writable_mount_point).find(|at| *at != path && at.starts_with(&path))?;
        Some((path, inner))
    })
}

/// Returns the mount point in a line if the file system is writable: `36 35 98:0 / /mnt rw,noatime - ext4 /dev/root
/// rw`
fn writable_mount_point(line: &str) -> Option<PathBuf> {
    let (mount, system) = line.split_once(" - ")?;
    let fields: Vec<_> = mount.split(' ').collect();
    let can_write = |options: &str| options.split(',').any(|option| option == "rw");
    let of_system = system.split(' ').nth(2)?;
    (can_write(fields.get(5)?) && can_write(of_system)).then(|| unescape_path(fields[4]))
}

/// Decodes the kernel's `\040` and `\134` to blanks and backslashes.
fn unescape_path(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        let (byte, length) =
            digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).map_or((first, 1), |byte| (byte, 4));
        bytes.push(byte);
        rest = &rest[length..];
    }
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 8:2 / /srv/sets/big\\040disk rw,relatime shared:2 master:1 - ext4 /dev/sdb rw
24 22 8:3 / /srv/cd rw - iso9660 /dev/sr0 ro
25 22 8:4 / /srv/fixed/inner ro - ext4 /dev/sdc rw
";

    fn inner(read_only: &str, more: &[&str]) -> Option<String> {
        let spec = |source: &str, read_only| MountSpec {
            kind: MountKind::Bind,
            source: source.to_owned(),
            target: "/x".to_owned(),
            read_only,
        };
        let specs = more.iter().map(|source| spec(source, false)).chain([spec(read_only, true)]).collect();
        let found = first_writable(TABLE, &Mounts { specs, ..Mounts::default() });
        found.map(|(_, inner)| inner.display().to_string())
    }

    #[test]
    fn a_writable_file_system_inside_is_found() {
        assert_eq!(inner("/srv/sets", &[]).as_deref(), Some("/srv/sets/big disk"));
        assert_eq!(inner("/srv/sets/big disk", &[]), None, "it is read-only itself");
        assert_eq!(inner("/srv/cd", &[]), None);
        assert_eq!(inner("/srv/fixed", &[]), None);
        assert_eq!(inner("/srv/set", &[]), None);
    }

    #[test]
    fn what_may_be_written_anyway_does_not_count() {
        assert_eq!(inner("/srv/sets", &["/srv/sets"]), None);
        assert_eq!(inner("/srv/sets", &["/srv"]), None);
        assert_eq!(inner("/srv/sets", &["/srv/sets/big disk"]).as_deref(), Some("/srv/sets/big disk"));
    }
}
