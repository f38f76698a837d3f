//! Reads what `[build] copy` names, the one file of this room that touches a disk. Only files inside the project: a link
//! that leads out of it is refused, and one inside it is followed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::ContextFile;
use crate::error::{Exit, Report};
use crate::manifest::Copy;

/// The context is held in memory and kept in the engine's cache each time it changes: data belongs into mounts.
const LIMIT: u64 = 64 << 20;

/// What can't be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It is not there, or can't be read.
    #[error("can't copy `{}` into the image: {reason}", path.display())]
    Unreadable {
        /// In the project.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// It is a link to somewhere else.
    #[error("can't copy `{}` into the image: it leads out of the project", path.display())]
    OutsideProject {
        /// In the project.
        path: PathBuf,
    },
    /// It is more than a build context should be.
    #[error("`[build] copy` names more than {} MiB", LIMIT >> 20)]
    TooLarge,
}

impl Report for CopyError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "copy-unreadable",
            Self::OutsideProject { .. } => "copy-outside-project",
            Self::TooLarge => "copy-too-large",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::TooLarge => vec!["mount large files with `[run] mounts` instead".to_owned()],
            Self::OutsideProject { .. } => vec!["copy the file itself into the project".to_owned()],
            Self::Unreadable { .. } => Vec::new(),
        }
    }
}

/// The files of each copy, by their path below what is copied; for a single file that path is empty.
pub fn read<'a>(
    project: &Path,
    copies: impl IntoIterator<Item = &'a Copy>,
) -> Result<Vec<BTreeMap<String, ContextFile>>, CopyError> {
    let unreadable =
        |error: std::io::Error| CopyError::Unreadable { path: PathBuf::from("."), reason: error.to_string() };
    let root = project.canonicalize().map_err(unreadable)?;
    let mut reader = Reader { root, total: 0 };
    let read = |copy: &Copy| {
        let mut files = BTreeMap::new();
        reader.read(Path::new(copy.from.as_str()), "", &mut files)?;
        Ok(files)
    };
    copies.into_iter().map(read).collect()
}

struct Reader {
    root: PathBuf,
    total: u64,
}

impl Reader {
    fn read(&mut self, path: &Path, below: &str, files: &mut BTreeMap<String, ContextFile>) -> Result<(), CopyError> {
        let unreadable =
            |error: std::io::Error| CopyError::Unreadable { path: path.to_owned(), reason: error.to_string() };
        let real = self.root.join(path).canonicalize().map_err(unreadable)?;
        if !real.starts_with(&self.root) {
            return Err(CopyError::OutsideProject { path: path.to_owned() });
        }
        let meta = real.metadata().map_err(unreadable)?;
        if !meta.is_dir() {
            self.total += meta.len();
            if self.total > LIMIT {
                return Err(CopyError::TooLarge);
            }
            let bytes = fs::read(&real).map_err(unreadable)?;
            let executable = meta.permissions().mode() & 0o111 != 0;
            files.insert(below.to_owned(), ContextFile { bytes, executable });
            return Ok(());
        }
        // A link to a directory above would never end.
        if path.ancestors().skip(1).any(|above| self.root.join(above).canonicalize().is_ok_and(|above| above == real)) {
            return Err(CopyError::Unreadable { path: path.to_owned(), reason: "it contains itself".to_owned() });
        }
        for entry in fs::read_dir(&real).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_str().ok_or_else(|| CopyError::Unreadable {
                path: path.join(&name),
                reason: "its name is not UTF-8".to_owned(),
            })?;
            let separator = if below.is_empty() { "" } else { "/" };
            self.read(&path.join(name), &format!("{below}{separator}{name}"), files)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(project: &Path, copy: &str) -> Result<BTreeMap<String, ContextFile>, CopyError> {
        let copy = copy.parse().unwrap();
        read(project, [&copy]).map(|mut copies| copies.remove(0))
    }

    #[test]
    fn a_tree_and_a_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("tools/bin")).unwrap();
        fs::write(dir.path().join("tools/bin/run"), "x").unwrap();
        fs::set_permissions(dir.path().join("tools/bin/run"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(dir.path().join("tools/note"), "y").unwrap();
        let tree = copied(dir.path(), "tools:/opt/tools").unwrap();
        let seen: Vec<_> = tree.iter().map(|(path, file)| (path.as_str(), file.executable)).collect();
        assert_eq!(seen, [("bin/run", true), ("note", false)]);
        let file = copied(dir.path(), "tools/note:/opt/note").unwrap();
        assert_eq!(file.keys().map(String::as_str).collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn links_that_lead_out_or_round_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("tools")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("tools/out")).unwrap();
        assert!(matches!(copied(dir.path(), "tools:/opt"), Err(CopyError::OutsideProject { .. })));
        fs::remove_file(dir.path().join("tools/out")).unwrap();
        std::os::unix::fs::symlink("..", dir.path().join("tools/round")).unwrap();
        assert!(matches!(copied(dir.path(), "tools:/opt"), Err(CopyError::Unreadable { .. })));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = copied(dir.path(), "nothing:/opt").unwrap_err();
        assert!(error.to_string().starts_with("can't copy `nothing`"), "{error}");
    }
}
