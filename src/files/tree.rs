//! Lists the files of a directory tree in a stable order, with limits on number, size and depth.
//!
//! Beyond a limit the walk ends with an error, so that no caller takes a part for the whole.

use std::path::{Path, PathBuf};

use cap_std::fs::MetadataExt;

use super::reads::digest;
use super::{FileError, FileKind, FileProblem, OpenedFile, RootedDirectory, TreeLimits};

/// The counts so far, over all trees that share the limits.
#[derive(Clone, Debug, Default)]
pub struct TreeTotal {
    bytes: u64,
    files: usize,
    largest: Option<(PathBuf, u64)>,
}

/// A regular file of a tree, open.
#[derive(Debug)]
pub struct TreeFile {
    /// Its path below the start of the walk; empty if the start is a file.
    pub inside: String,
    /// Its path inside the rooted directory.
    pub path: PathBuf,
    /// The open file.
    pub file: OpenedFile,
}

/// A walk over a tree. Links are followed only inside the rooted directory. A file that cannot be opened is an error,
/// and the walk can continue; a limit ends it. The visited entries are recorded when the walk is dropped.
#[derive(Debug)]
pub struct TreeWalk<'a> {
    root: &'a RootedDirectory,
    from: PathBuf,
    limits: TreeLimits,
    total: &'a mut TreeTotal,
    /// The entries to visit, the next one last.
    pending: Vec<Pending>,
    /// Each visited path, with the state of its file or the reason why it has none.
    met: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Pending {
    inside: String,
    path: PathBuf,
    /// The device and inode numbers of the parent directories, from the start of the walk.
    above: Vec<(u64, u64)>,
}

impl RootedDirectory {
    /// Walks the files of a tree that begins at `from`, which may be a file.
    pub fn tree<'a>(&'a self, from: &Path, limits: TreeLimits, total: &'a mut TreeTotal) -> TreeWalk<'a> {
        let first = Pending { inside: String::new(), path: from.to_path_buf(), above: Vec::new() };
        TreeWalk { root: self, from: from.to_path_buf(), limits, total, pending: vec![first], met: Vec::new() }
    }
}

impl Iterator for TreeWalk<'_> {
    type Item = Result<TreeFile, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(next) = self.pending.pop() {
            match self.look(&next) {
                Ok(None) => {}
                Ok(Some(file)) => {
                    self.meets(&next.path, &file.state());
                    return Some(Ok(TreeFile { inside: next.inside, path: next.path, file }));
                }
                Err(problem) => {
                    self.meets(&next.path, &problem.to_string());
                    if problem.is_limit() {
                        self.pending.clear();
                    }
                    return Some(Err(FileError::read(&self.root.path().join(next.path), problem)));
                }
            }
        }
        None
    }
}

impl Drop for TreeWalk<'_> {
    fn drop(&mut self) {
        let met: Vec<&[u8]> = self.met.iter().map(Vec::as_slice).collect();
        self.root.reads().tree(&self.from, self.limits, digest(&met));
    }
}

impl TreeWalk<'_> {
    fn meets(&mut self, path: &Path, state: &str) {
        self.met.extend([path.as_os_str().as_encoded_bytes().to_vec(), state.as_bytes().to_vec()]);
    }

    /// Opens and counts a file; `None` for a directory, which adds its entries to the pending ones.
    fn look(&mut self, next: &Pending) -> Result<Option<OpenedFile>, FileProblem> {
        self.total.files += 1;
        if self.total.files > self.limits.files {
            return Err(FileProblem::TooMany { limit: self.limits.files });
        }
        match self.root.file(&next.path) {
            Ok(file) => {
                self.count(&next.path, file.size())?;
                Ok(Some(file))
            }
            Err(FileProblem::Kind(FileKind::Directory)) => self.enter(next).map(|()| None),
            Err(problem) => Err(problem),
        }
    }

    fn count(&mut self, path: &Path, size: u64) -> Result<(), FileProblem> {
        let total = &mut *self.total;
        if total.largest.as_ref().is_none_or(|(_, largest)| size > *largest) {
            total.largest = Some((path.to_path_buf(), size));
        }
        total.bytes = total.bytes.saturating_add(size);
        if total.bytes > self.limits.bytes {
            return Err(FileProblem::TooLargeTogether { limit: self.limits.bytes, largest: total.largest.clone() });
        }
        Ok(())
    }

    fn enter(&mut self, next: &Pending) -> Result<(), FileProblem> {
        if next.above.len() >= self.limits.depth {
            return Err(FileProblem::TooDeep { limit: self.limits.depth });
        }
        let explained = |error: std::io::Error| self.root.explained(&next.path, error.into());
        let directory = self.root.handle().open_dir(&next.path).map_err(explained)?;
        let metadata = directory.dir_metadata()?;
        let identity = (metadata.dev(), metadata.ino());
        if next.above.contains(&identity) {
            return Err(FileProblem::Circular);
        }
        let above: Vec<_> = next.above.iter().copied().chain([identity]).collect();
        let mut names = Vec::new();
        for entry in directory.entries()? {
            if names.len() >= self.limits.files {
                return Err(FileProblem::TooMany { limit: self.limits.files });
            }
            names.push(entry?.file_name());
        }
        names.sort();
        self.pending.extend(names.into_iter().rev().map(|name| {
            let text = name.to_string_lossy();
            let inside = if next.inside.is_empty() { text.into_owned() } else { format!("{}/{text}", next.inside) };
            Pending { inside, path: next.path.join(&name), above: above.clone() }
        }));
        Ok(())
    }
}

impl FileProblem {
    /// Whether the problem is about the whole tree and not about one file.
    fn is_limit(&self) -> bool {
        matches!(self, Self::TooMany { .. } | Self::TooLargeTogether { .. })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    const LIMITS: TreeLimits = TreeLimits { bytes: 100, files: 20, depth: 4 };

    /// The paths of the files, and the problems of the walk.
    fn walk(directory: &Path, from: &str) -> (Vec<String>, Vec<FileProblem>) {
        let root = RootedDirectory::open(directory).unwrap();
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        for found in root.tree(Path::new(from), LIMITS, &mut TreeTotal::default()) {
            match found {
                Ok(file) => files.push(file.inside),
                Err(error) => problems.push(error.problem),
            }
        }
        (files, problems)
    }

    #[test]
    fn files_in_order_links_inside_included() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("tools/deep")).unwrap();
        fs::write(dir.path().join("near"), "x").unwrap();
        fs::write(dir.path().join("tools/run"), "x").unwrap();
        fs::write(dir.path().join("tools/deep/data"), "x").unwrap();
        symlink("../near", dir.path().join("tools/link")).unwrap();
        let (files, problems) = walk(dir.path(), "tools");
        assert_eq!(files, ["deep/data", "link", "run"]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(walk(dir.path(), "tools/run").0, [""]);
    }

    #[test]
    fn ways_out_and_circles_are_told_and_the_rest_is_read() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(dir.path().join("tools")).unwrap();
        symlink(outside.path(), dir.path().join("tools/far")).unwrap();
        symlink("..", dir.path().join("tools/up")).unwrap();
        fs::write(dir.path().join("tools/z"), "x").unwrap();
        let (files, problems) = walk(dir.path(), "tools");
        assert!(files.contains(&"z".to_owned()), "{files:?}");
        assert!(problems.iter().any(|problem| matches!(problem, FileProblem::Leaves { .. })), "{problems:?}");
        assert!(problems.iter().any(|problem| matches!(problem, FileProblem::Circular)), "{problems:?}");
    }

    #[test]
    fn limits_hold_before_anything_is_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/1/2/3/4/5")).unwrap();
        assert!(matches!(walk(dir.path(), "a").1[..], [FileProblem::TooDeep { limit: 4 }]));
        fs::create_dir(dir.path().join("b")).unwrap();
        for at in 0..30 {
            fs::write(dir.path().join("b").join(at.to_string()), "").unwrap();
        }
        assert!(matches!(walk(dir.path(), "b").1[..], [FileProblem::TooMany { limit: 20 }]));
        fs::create_dir(dir.path().join("c")).unwrap();
        fs::write(dir.path().join("c/1"), "12345").unwrap();
        fs::File::create(dir.path().join("c/2")).unwrap().set_len(1 << 40).unwrap();
        let problems = walk(dir.path(), "c").1;
        let [FileProblem::TooLargeTogether { limit: 100, largest: Some((path, bytes)) }] = &problems[..] else {
            panic!("{problems:?}")
        };
        assert_eq!((path.as_path(), *bytes), (Path::new("c/2"), 1 << 40));
    }
}
