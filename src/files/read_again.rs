//! Reads everything in a record again, to see whether anything has changed.
//!
//! It uses the same readers as the first time, so the two summaries can be compared.

use std::path::Path;

use super::{ReadItem, ReadSummary, RootedDirectory, TreeTotal};

/// The limit in bytes, at least as large as every reader's. So only a file that was too large for its reader gives
/// another result.
const LARGEST: u64 = super::DOCUMENT;

impl RootedDirectory {
    /// Reads all items of a record again and summarises the present content. `variable` returns the caller's
    /// variables.
    #[must_use]
    pub fn read_again<'a>(
        &self,
        items: &[ReadItem],
        variable: impl Fn(&str) -> Option<&'a str>,
    ) -> Option<ReadSummary> {
        let fresh = self.recorded_apart();
        for item in items {
            // A failed read is recorded as a failure.
            match item {
                ReadItem::File { path } => drop(fresh.read_named(Path::new(path), LARGEST)),
                ReadItem::CallersFile { path } => drop(fresh.read_callers(Path::new(path), LARGEST)),
                ReadItem::LargeCallersFile { path } => drop(fresh.open_large_callers(Path::new(path))),
                ReadItem::CallersNames { path, suffix } => drop(fresh.callers_names(Path::new(path), suffix)),
                ReadItem::Tree { path, limits } => {
                    fresh.tree(Path::new(path), *limits, &mut TreeTotal::default()).for_each(drop);
                }
                ReadItem::Variable { name } => fresh.reads().variable(name, variable(name)),
            }
        }
        fresh.reads().summary()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::files::TreeLimits;

    const LIMITS: TreeLimits = TreeLimits { bytes: 1 << 20, files: 100, depth: 8 };

    /// A directory with files, and the record of its reads.
    struct Scene {
        dir: tempfile::TempDir,
        root: RootedDirectory,
    }

    impl Scene {
        fn new(files: &[(&str, &str)]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = dir.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            let root = RootedDirectory::open(dir.path()).unwrap();
            Self { dir, root }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        /// Whether everything in the record is unchanged.
        fn holds(&self) -> bool {
            let read = self.root.reads().summary().unwrap();
            self.root.read_again(&read.items, |_| None) == Some(read)
        }
    }

    #[test]
    fn a_file_that_comes_changes_or_goes_is_seen() {
        let scene = Scene::new(&[("a", "1")]);
        scene.root.read("a", 10).unwrap();
        scene.root.read_named(&scene.path("b"), 10).unwrap_err();
        assert!(scene.holds());
        std::fs::write(scene.path("b"), "").unwrap();
        assert!(!scene.holds());
        std::fs::remove_file(scene.path("b")).unwrap();
        assert!(scene.holds());
        std::fs::write(scene.path("a"), "2").unwrap();
        assert!(!scene.holds());
        std::fs::remove_file(scene.path("a")).unwrap();
        assert!(!scene.holds());
    }

    #[test]
    fn a_large_file_is_seen_by_its_size_and_time() {
        let scene = Scene::new(&[("bundle", "1")]);
        assert_eq!(scene.root.read_large_callers(&scene.path("bundle"), 10).unwrap(), b"1");
        assert!(scene.holds());
        std::fs::write(scene.path("bundle"), "22").unwrap();
        assert!(!scene.holds());
        std::fs::remove_file(scene.path("bundle")).unwrap();
        assert!(!scene.holds());
    }

    #[test]
    fn what_is_no_file_counts_as_what_it_is() {
        let scene = Scene::new(&[]);
        let file = scene.path("run.env");
        let mut seen = Vec::new();
        let mut look = || {
            let items = [ReadItem::File { path: file.to_str().unwrap().to_owned() }];
            seen.push(scene.root.read_again(&items, |_| None).unwrap().fingerprint);
        };
        look();
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        look();
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        look();
        std::fs::remove_file(&file).unwrap();
        std::fs::File::create(&file).unwrap().set_len(10 << 30).unwrap();
        look();
        assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn a_file_deep_in_a_tree_is_seen() {
        let scene = Scene::new(&[("a/b/c", "1")]);
        assert_eq!(scene.root.tree(Path::new("a"), LIMITS, &mut TreeTotal::default()).count(), 1);
        assert!(scene.holds());
        std::fs::write(scene.path("a/b/d"), "1").unwrap();
        assert!(!scene.holds());
        std::fs::remove_file(scene.path("a/b/d")).unwrap();
        assert!(scene.holds());
        std::fs::write(scene.path("a/b/c"), "22").unwrap();
        assert!(!scene.holds());
    }

    #[test]
    fn a_new_name_in_a_directory_is_seen() {
        let scene = Scene::new(&[("keys/a.pub", "1")]);
        assert_eq!(scene.root.callers_names(&scene.path("keys"), ".pub").unwrap(), ["a.pub"]);
        std::fs::write(scene.path("keys/known_hosts"), "1").unwrap();
        assert!(scene.holds());
        std::fs::write(scene.path("keys/b.pub"), "1").unwrap();
        assert!(!scene.holds());
    }

    #[test]
    fn a_variable_is_read_from_the_caller() {
        let scene = Scene::new(&[]);
        scene.root.reads().variable("TOKEN", Some("1"));
        let read = scene.root.reads().summary().unwrap();
        let again = |value| scene.root.read_again(&read.items, |name| (name == "TOKEN").then_some(value));
        assert_eq!(again("1"), Some(read.clone()));
        assert_ne!(again("2"), Some(read.clone()));
        assert!(!scene.holds(), "it is not set");
    }

    #[test]
    fn what_is_written_is_what_the_next_read_is_to_find() {
        let scene = Scene::new(&[("lock", "1")]);
        scene.root.read("lock", 10).unwrap();
        scene.root.replace("lock", b"2", 0o644).unwrap();
        assert!(scene.holds());
    }

    #[test]
    fn what_changes_between_two_reads_makes_the_record_unclear() {
        let scene = Scene::new(&[("a", "1")]);
        scene.root.read("a", 10).unwrap();
        assert!(scene.root.reads().summary().is_some());
        std::fs::write(scene.path("a"), "2").unwrap();
        scene.root.read("a", 10).unwrap();
        assert_eq!(scene.root.reads().summary(), None);
    }
}
