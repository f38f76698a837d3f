//! Follows a path link by link to the point where it enters a given directory.
//!
//! Somebody else may be able to write in that directory. So the rest of the path is left to a lookup inside it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The limit for links in one path, as in the kernel; more count as a loop.
const LINKS: usize = 40;

/// The result of [`walk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathWalk {
    /// The path enters the directory; the value is the rest of the path from there.
    Inside(PathBuf),
    /// The path never enters it; the value is the path without links.
    Outside(PathBuf),
}

/// Follows a path, absolute or relative to `root`, to the point where it enters `root`. `root` has no links in it.
/// Somebody else may be able to write in `root`, so the rest of the path is left to a lookup inside it.
pub(super) fn walk(root: &Path, path: &Path) -> PathWalk {
    let mut at = root.to_path_buf();
    let mut rest = VecDeque::new();
    begin(&mut at, &mut rest, path);
    let mut links = 0;
    loop {
        let leaves = rest.front().is_some_and(|part| part == "..");
        if at == root && !leaves {
            let inside: PathBuf = rest.iter().collect();
            return PathWalk::Inside(if inside.as_os_str().is_empty() { PathBuf::from(".") } else { inside });
        }
        let Some(part) = rest.pop_front() else { return PathWalk::Outside(at) };
        if part == ".." {
            at.pop();
            continue;
        }
        at.push(part);
        match at.read_link() {
            Ok(target) if links < LINKS => {
                links += 1;
                at.pop();
                begin(&mut at, &mut rest, &target);
            }
            _ => {}
        }
    }
}

/// Puts a path before the rest; an absolute one begins at `/` again.
fn begin(at: &mut PathBuf, rest: &mut VecDeque<OsString>, path: &Path) {
    if path.is_absolute() {
        *at = PathBuf::from("/");
    }
    for part in path.components().rev() {
        match part {
            Component::Normal(_) | Component::ParentDir => rest.push_front(part.as_os_str().to_owned()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_way_in_is_found_by_any_path() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = dir.path().canonicalize().unwrap();
        symlink(&root, elsewhere.path().join("way")).unwrap();
        let inside = |path: &Path| walk(&root, path);
        let expected = PathWalk::Inside(PathBuf::from("a/b"));
        assert_eq!(inside(Path::new("./a/b")), expected);
        assert_eq!(inside(&root.join("a/b")), expected);
        assert_eq!(inside(&elsewhere.path().join("way/a/b")), expected);
        assert_eq!(inside(&Path::new("..").join(root.file_name().unwrap()).join("a/b")), expected);
        assert_eq!(inside(Path::new("a/../../b")), PathWalk::Inside(PathBuf::from("a/../../b")));
        assert_eq!(inside(Path::new(".")), PathWalk::Inside(PathBuf::from(".")));
    }

    #[test]
    fn what_stays_outside_has_no_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        assert_eq!(walk(&root, Path::new("../x")), PathWalk::Outside(root.parent().unwrap().join("x")));
        assert_eq!(walk(&root, Path::new("/etc/../x/y")), PathWalk::Outside(PathBuf::from("/x/y")));
    }

    #[test]
    fn a_loop_of_links_ends() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        symlink("loop", elsewhere.path().join("loop")).unwrap();
        assert!(matches!(walk(dir.path(), &elsewhere.path().join("loop/x")), PathWalk::Outside(_)));
    }
}
