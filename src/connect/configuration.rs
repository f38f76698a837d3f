//! The texts that an SSH client may read as its configuration: the user's and the system's, with every included file.
//!
//! Conditions of an inclusion are ignored, because a condition that is false now can be true tomorrow.

use std::collections::{BTreeSet, VecDeque};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use sha2::{Digest, Sha256};

use super::directory::{Directory, account_home, read_or_empty};
use super::include;
use crate::digest::hex;
use crate::system::System;

/// The limit for the number of files to read.
const MOST_FILES: usize = 512;

/// The configuration for all users of this machine.
pub const SYSTEM_CONFIG: &str = "/etc/ssh/ssh_config";

/// Whether a line of the user's or the system's configuration, or of an included file, names a host. envctl's own
/// file is left out.
#[must_use]
pub fn names_host(system: &System, name: &str) -> bool {
    let other = find_unused_name(name);
    read_texts(system).iter().any(|text| include::names_host(text, name, &other))
}

/// Returns an unused name of the same form.
pub(super) fn find_unused_name(name: &str) -> String {
    let part = |part: &str| format!("x{}", hex(&Sha256::digest(part)[..8]));
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn read_texts(system: &System) -> Vec<String> {
    let ssh = Directory::of(system);
    let homes: Vec<_> = [Some(system.home()), account_home(system.uid)].into_iter().flatten().collect();
    let bases: Vec<_> = homes.iter().map(|home| home.join(".ssh")).collect();
    let mut texts = read_included(&ssh.config_path(), &bases, &homes, &ssh.fragment_path());
    texts.extend(read_included(Path::new(SYSTEM_CONFIG), &["/etc/ssh".into()], &homes, &ssh.fragment_path()));
    texts
}

/// Returns the texts of a file and of all files that it includes, without `ours`. A relative path is below one of
/// `bases`.
fn read_included(file: &Path, bases: &[PathBuf], homes: &[PathBuf], ours: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([file.to_path_buf()]);
    while let Some(path) = waiting.pop_front() {
        if is_same_file(&path, ours) || seen.len() == MOST_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let text = read_or_empty(&path);
        for pattern in include::included_patterns(&text) {
            let patterns = absolute_patterns(&pattern, bases, homes);
            waiting.extend(patterns.iter().flat_map(|pattern| find_matching(pattern)).take(MOST_FILES));
        }
        texts.push(text);
    }
    texts
}

/// Whether two paths are the same file: a home may have two names.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| path.metadata().ok().map(|file| (file.dev(), file.ino()));
    one == other || identity(one).is_some_and(|one| identity(other) == Some(one))
}

/// Returns a pattern as absolute patterns, one for each home and each base.
fn absolute_patterns(pattern: &str, bases: &[PathBuf], homes: &[PathBuf]) -> Vec<String> {
    let below = |directory: &Path, rest: &str| {
        Some(format!("{}/{}", Pattern::escape(directory.to_str()?), rest.trim_start_matches('/')))
    };
    let in_home = ["~/", "%d/", "${HOME}/"].iter().find_map(|prefix| pattern.strip_prefix(prefix));
    match in_home {
        Some(rest) => homes.iter().filter_map(|home| below(home, rest)).collect(),
        None if pattern.starts_with('/') => vec![pattern.to_owned()],
        None => bases.iter().filter_map(|base| below(base, pattern)).collect(),
    }
}

fn find_matching(pattern: &str) -> Vec<PathBuf> {
    let options =
        MatchOptions { require_literal_leading_dot: true, require_literal_separator: true, ..MatchOptions::new() };
    glob::glob_with(pattern, options).into_iter().flatten().filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn our_own_file_is_ours_by_every_name() {
        let home = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let ours = home.path().join("envctl_config");
        fs::write(&ours, "Host ours\n").unwrap();
        std::os::unix::fs::symlink(home.path(), other.path().join("link")).unwrap();
        let by_link = other.path().join("link/envctl_config");
        fs::write(home.path().join("config"), format!("Include {}\n", by_link.display())).unwrap();
        let texts = read_included(&home.path().join("config"), &[], &[], &ours);
        assert!(!texts.iter().any(|text| include::names_host(text, "ours", "nobody")), "{texts:?}");
    }

    #[test]
    fn included_files_are_read_whatever_the_condition() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().join("a [b]");
        let ssh = home.join(".ssh");
        fs::create_dir_all(ssh.join("more.d")).unwrap();
        let write = |name: &str, text: &str| fs::write(ssh.join(name), text).unwrap();
        write(
            "config",
            "Include envctl_config\nMatch exec false\n  Include more.d/*.conf\ninclude=\"~/.ssh/with space\"\n",
        );
        write("envctl_config", "Host ours\n");
        write("more.d/1.conf", "Host one\n  Include ~/.ssh/config deep\n");
        write("more.d/.2.conf", "Host hidden\n");
        write("with space", "Host space\n");
        write("deep", "Host deep\nInclude deep absent\n");
        let bases = [ssh.clone()];
        let texts = read_included(&ssh.join("config"), &bases, std::slice::from_ref(&home), &ssh.join("envctl_config"));
        for name in ["one", "space", "deep"] {
            assert!(texts.iter().any(|text| include::names_host(text, name, "nobody")), "{name}: {texts:?}");
        }
        for name in ["ours", "hidden"] {
            assert!(!texts.iter().any(|text| include::names_host(text, name, "nobody")), "{name}: {texts:?}");
        }
        assert_eq!(texts.len(), 4);
    }
}
