//! The fingerprint of everything that an `up` reads. While it holds and the container it left runs, there is nothing to
//! do, and nothing else has to be looked at.
//!
//! The SSH agent is asked by a full `up` alone, because a forwarded one is slow: its socket's name stands for it here.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::base::bootstraps;
use super::image::COPIES;
use super::up::Work;
use crate::connect::authorized;
use crate::engine::Engine;
use crate::files::{self, RootedDirectory, TreeFile, TreeTotal, TreeWalk};
use crate::manifest::host_path;
use crate::project::environment::layer_files;
use crate::project::{State, hex};

/// The fingerprint of what an `up` of these settings reads now.
#[must_use]
pub fn of(work: &Work<'_, impl Engine>, state: &State) -> String {
    let Work { engine, system, environment, settings, sink: _ } = work;
    let (manifest, project) = (&environment.manifest, &environment.project);
    let mut inputs = Inputs::default();
    inputs.value("version", env!("CARGO_PKG_VERSION"));
    inputs.value("caller", &format!("{} {} {}", system.uid, system.gid, system.user));
    inputs.value("flags", &format!("{} {}", settings.cpu, bootstraps(work, state)));
    inputs.value("machine", &crate::host::fingerprint(Path::new("/"), engine.endpoint()));
    inputs.value("agent", system.variable("SSH_AUTH_SOCK").unwrap_or_default());
    let directory = &project.directory;
    for (_, file) in layer_files(system, project) {
        inputs.file(directory, &file);
    }
    inputs.file(directory, &project.lock_path());
    for file in &manifest.python.requirements {
        inputs.file(directory, Path::new(file.value.as_str()));
    }
    for file in &manifest.run.env_file {
        inputs.file(directory, &host_path(&file.value, &project.root, &system.home()));
    }
    if manifest.ssh.enabled {
        for file in authorized::sources(system, manifest, &project.root) {
            inputs.file(directory, &file);
        }
    }
    let mut total = TreeTotal::default();
    for copy in &manifest.build.copy {
        inputs.tree(directory.tree(Path::new(copy.value.from.as_str()), COPIES, &mut total));
    }
    inputs.fingerprint()
}

/// Collects what the fingerprint covers.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// A value of the process or the command line.
    pub fn value(&mut self, name: &str, value: &str) {
        self.part(b'v', name.as_bytes(), value.as_bytes());
    }

    /// A file's bytes, read as everywhere else. One that is not there, or is none, counts as what it is: it may change.
    pub fn file(&mut self, directory: &RootedDirectory, path: &Path) {
        let name = path.as_os_str().as_encoded_bytes();
        match directory.read_named(path, files::DOCUMENT) {
            Ok(bytes) => self.part(b'f', name, &bytes),
            Err(error) => self.part(b'n', name, error.problem.to_string().as_bytes()),
        }
    }

    /// A file or directory that goes into the image: sizes and times stand for its bytes, of which there may be many.
    pub fn tree(&mut self, tree: TreeWalk<'_>) {
        for found in tree {
            match found {
                Ok(TreeFile { path, file, .. }) => {
                    self.part(b't', path.as_os_str().as_encoded_bytes(), file.state().as_bytes());
                }
                Err(error) => self.part(b'n', error.to_string().as_bytes(), &[]),
            }
        }
    }

    /// Sixteen hex digits over all of it.
    #[must_use]
    pub fn fingerprint(self) -> String {
        hex(&self.0.finalize()[..8])
    }

    /// Lengths keep two parts from being read as one.
    fn part(&mut self, kind: u8, name: &[u8], content: &[u8]) {
        self.0.update([kind]);
        for bytes in [name, content] {
            self.0.update(bytes.len().to_le_bytes());
            self.0.update(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(work: impl FnOnce(&mut Inputs)) -> String {
        let mut inputs = Inputs::default();
        work(&mut inputs);
        inputs.fingerprint()
    }

    #[test]
    fn every_part_counts() {
        assert_eq!(of(|i| i.value("a", "b")), of(|i| i.value("a", "b")));
        assert_ne!(of(|i| i.value("a", "bc")), of(|i| i.value("ab", "c")));
    }

    #[test]
    fn a_file_that_comes_or_changes_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lock");
        let root = RootedDirectory::open(dir.path()).unwrap();
        let look = || of(|i| i.file(&root, &file));
        let absent = look();
        std::fs::write(&file, "").unwrap();
        let empty = look();
        std::fs::write(&file, "x").unwrap();
        assert!(absent != empty && empty != look());
    }

    #[test]
    fn what_is_no_file_counts_as_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("run.env");
        let root = RootedDirectory::open(dir.path()).unwrap();
        let look = || of(|i| i.file(&root, &file));
        let mut seen = vec![look()];
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        seen.push(look());
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        seen.push(look());
        std::fs::remove_file(&file).unwrap();
        std::fs::File::create(&file).unwrap().set_len(10 << 30).unwrap();
        seen.push(look());
        let different: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(different.len(), 4, "{seen:?}");
    }

    #[test]
    fn a_file_deep_in_a_tree_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        let root = RootedDirectory::open(dir.path()).unwrap();
        let look = || of(|i| i.tree(root.tree(Path::new("."), COPIES, &mut TreeTotal::default())));
        let before = look();
        std::fs::write(dir.path().join("a/b/c"), "1").unwrap();
        let with = look();
        std::fs::write(dir.path().join("a/b/c"), "22").unwrap();
        assert!(before != with && with != look());
    }
}
