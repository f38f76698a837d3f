//! The fingerprint of everything that an `up` reads. While it holds and the container it left runs, there is nothing to
//! do, and nothing else has to be looked at.
//!
//! The SSH agent is asked by a full `up` alone, because a forwarded one is slow: its socket's name stands for it here.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::base::bootstraps;
use super::up::Work;
use crate::connect::authorized;
use crate::engine::Engine;
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
    for (_, file) in layer_files(system, project) {
        inputs.file(&file);
    }
    inputs.file(&project.lock_path());
    for file in &manifest.python.requirements {
        inputs.file(&project.root.join(file.value.as_str()));
    }
    for file in &manifest.run.env_file {
        inputs.file(&host_path(&file.value, &project.root, &system.home()));
    }
    if manifest.ssh.enabled {
        for file in authorized::sources(system, manifest, &project.root) {
            inputs.file(&file);
        }
    }
    for copy in &manifest.build.copy {
        inputs.tree(&project.root.join(copy.value.from.as_str()));
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

    /// A file's bytes. One that is not there counts, too: it may come.
    pub fn file(&mut self, path: &Path) {
        let name = path.as_os_str().as_encoded_bytes();
        match std::fs::read(path) {
            Ok(bytes) => self.part(b'f', name, &bytes),
            Err(_) => self.part(b'n', name, &[]),
        }
    }

    /// A file or directory that goes into the image: sizes and times stand for its bytes, of which there may be many.
    pub fn tree(&mut self, path: &Path) {
        for file in files_below(path) {
            let Ok(meta) = file.symlink_metadata() else { continue };
            let stat = format!("{} {} {} {:o}", meta.len(), meta.mtime(), meta.mtime_nsec(), meta.mode());
            self.part(b't', file.as_os_str().as_encoded_bytes(), stat.as_bytes());
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

/// In a stable order, links not followed.
fn files_below(path: &Path) -> Vec<PathBuf> {
    let is_directory = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    if !is_directory {
        return vec![path.to_path_buf()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut children: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    children.sort();
    children.iter().flat_map(|child| files_below(child)).collect()
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
        let look = || of(|i| i.file(&file));
        let absent = look();
        std::fs::write(&file, "").unwrap();
        let empty = look();
        std::fs::write(&file, "x").unwrap();
        assert!(absent != empty && empty != look());
    }

    #[test]
    fn a_file_deep_in_a_tree_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        let look = || of(|i| i.tree(dir.path()));
        let before = look();
        std::fs::write(dir.path().join("a/b/c"), "1").unwrap();
        let with = look();
        std::fs::write(dir.path().join("a/b/c"), "22").unwrap();
        assert!(before != with && with != look());
    }
}
