//! Resolves the links of a path that may not exist in full.

use std::path::{Component, Path, PathBuf};

/// Resolves the links of a path as far as it exists, and removes `..` from the rest.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let existing = path.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)));
    let Some((above, mut real)) = existing else { return path.to_path_buf() };
    for part in path.strip_prefix(above).unwrap_or(path).components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
    }
    real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_out_hides_behind_what_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
        assert_eq!(real_path(&root.join("link/new")), Path::new("/etc/new"));
        assert_eq!(real_path(&root.join("new/../../x")), root.parent().unwrap().join("x"));
        assert_eq!(real_path(&root.join("new/file")), root.join("new/file"));
    }
}
