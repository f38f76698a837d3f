//! The public keys that go into the server's `authorized_keys`.
//!
//! Without a setting in the manifest, these are the caller's own keys and the keys that can already log in to the
//! caller's account: a key that opens the host's account may open its container. The options of a line (`from=`,
//! `command=`) are kept, because they restrict access.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ssh_key::authorized_keys::Entry;

use super::{ConnectError, agent, keys};
use crate::error::{Error, Snippet};
use crate::files::{self, RootedDirectory};
use crate::manifest::{Manifest, is_public_key_name};
use crate::system::System;

/// The limit for keys from one place; nobody uses more, and each offered key costs an attempt at the server.
const IDENTITIES: usize = 4;

/// The authorized keys, and the data that the caller's client needs to use them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorized {
    /// Lines of `authorized_keys` without duplicates, in a stable order.
    pub lines: Vec<String>,
    /// Private keys of the caller that match a line.
    pub identities: Vec<PathBuf>,
    /// For a caller without a key: the file of the key pair that envctl keeps, or would make
    /// ([`keys::make_client_key`]).
    pub own: Option<PathBuf>,
}

/// Collects the keys. Reads the caller's `~/.ssh` and asks the agent, or reads the files that the manifest names.
pub fn collect_keys(system: &System, manifest: &Manifest, project: &RootedDirectory) -> Result<Authorized, Error> {
    match &manifest.ssh.authorized_keys {
        None => collect_callers_keys(system, project),
        Some(named) => {
            let mut lines = Lines::default();
            for file in named {
                let path = expand_path(system, project.path(), &file.value);
                let at = snippet(manifest, file.span.as_ref(), "this file");
                let text = project.read_named_text(&path, files::TEXT).map_err(|error| ConnectError::KeyFile {
                    path: path.clone(),
                    reason: error.problem.to_string(),
                    at: at.clone(),
                })?;
                if lines.add(&text) == 0 {
                    return Err(ConnectError::NoKeys { at }.into());
                }
            }
            let identities = list_identities(system, project, &lines);
            Ok(Authorized { lines: lines.0.into_iter().collect(), identities, own: None })
        }
    }
}

/// Resolves a path in a manifest: absolute, `~/…`, or relative to the project.
#[must_use]
pub fn expand_path(system: &System, root: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => system.home().join(rest),
        Err(_) => root.join(path),
    }
}

fn collect_callers_keys(system: &System, project: &RootedDirectory) -> Result<Authorized, Error> {
    let mut lines = Lines::default();
    for file in public_key_files(system, project) {
        lines.add(&project.read_callers_text(&file, files::TEXT).unwrap_or_default());
    }
    lines.add(&agent::public_keys(system).join("\n"));
    let has_key = !lines.0.is_empty();
    let own_list = system.home().join(".ssh/authorized_keys");
    lines.add(&project.read_callers_text(&own_list, files::TEXT).unwrap_or_default());
    let mut identities = list_identities(system, project, &lines);
    let own = if has_key { None } else { Some(keys::client_key(&system.state_home())?) };
    if let Some(own) = &own {
        lines.add(&own.public);
        identities.insert(0, own.path.clone());
    }
    Ok(Authorized { lines: lines.0.into_iter().collect(), identities, own: own.map(|own| own.path) })
}

/// Lines with a key, without duplicates.
#[derive(Default)]
struct Lines(BTreeSet<String>);

impl Lines {
    /// Adds the lines of a text that contain a key, and returns their number.
    fn add(&mut self, text: &str) -> usize {
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| is_key(line)).collect();
        self.0.extend(lines.iter().map(|line| (*line).to_owned()));
        lines.len()
    }
}

fn is_key(line: &str) -> bool {
    !line.starts_with('#') && !line.chars().any(char::is_control) && line.parse::<Entry>().is_ok()
}

/// Returns the public keys in `~/.ssh`, without certificates.
fn public_key_files(system: &System, project: &RootedDirectory) -> Vec<PathBuf> {
    let directory = system.home().join(".ssh");
    let mut names = project.callers_names(&directory, ".pub").unwrap_or_default();
    names.retain(|name| is_public_key_name(name));
    names.into_iter().map(|name| directory.join(name)).collect()
}

/// Returns the private keys in `~/.ssh` with an authorized public key. Each one is named, because a client that gets
/// any names offers no other keys. Without names it would not find a key with an unusual name.
fn list_identities(system: &System, project: &RootedDirectory, lines: &Lines) -> Vec<PathBuf> {
    let fits = |public: &PathBuf| {
        let text = project.read_callers_text(public, files::TEXT).unwrap_or_default();
        text.lines().any(|line| lines.0.contains(line.trim()))
    };
    let private = public_key_files(system, project).into_iter().filter(fits).map(|public| public.with_extension(""));
    private.filter(|path| path.is_file()).take(IDENTITIES).collect()
}

fn snippet(manifest: &Manifest, span: Option<&std::ops::Range<usize>>, label: &str) -> Vec<Snippet> {
    span.and_then(|span| manifest.sources.snippet(span, label)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti user@example.com";

    fn system(home: &Path) -> System {
        let mut system = System::for_tests();
        system.variables.clear();
        system.variables.insert("HOME".to_owned(), home.display().to_string());
        system
    }

    fn root(path: &Path) -> RootedDirectory {
        RootedDirectory::open(path).unwrap()
    }

    #[test]
    fn only_keys_are_taken() {
        let mut lines = Lines::default();
        assert_eq!(lines.add(&format!("# mine\n{KEY}\n\nrm -rf /\nfrom=\"10.0.0.0/8\" {KEY}\n{KEY}\r\n")), 3);
        assert_eq!(lines.0.len(), 2);
        assert!(lines.0.contains(&format!("from=\"10.0.0.0/8\" {KEY}")));
    }

    #[test]
    fn the_callers_keys_and_whom_the_caller_lets_in() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        std::fs::create_dir(&ssh).unwrap();
        std::fs::write(ssh.join("lab.pub"), KEY).unwrap();
        std::fs::write(ssh.join("lab"), "private").unwrap();
        let other = KEY.replace("user@example.com", "laptop");
        std::fs::write(ssh.join("authorized_keys"), &other).unwrap();
        let found = collect_callers_keys(&system(home.path()), &root(home.path())).unwrap();
        assert_eq!(found.lines, [other.as_str(), KEY]);
        assert_eq!(found.identities, [ssh.join("lab")]);
        assert_eq!(found.own, None);
    }

    #[test]
    fn a_caller_without_any_key_gets_one_of_ours() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        assert!(keys::make_client_key(&system.state_home()).unwrap());
        assert!(!keys::make_client_key(&system.state_home()).unwrap());
        let found = collect_callers_keys(&system, &root(home.path())).unwrap();
        let again = collect_callers_keys(&system, &root(home.path())).unwrap();
        assert_eq!(found, again);
        assert_eq!(found.own, Some(system.state_home().join("client_ed25519")));
        assert_eq!(found.identities, [system.state_home().join("client_ed25519")]);
        assert_eq!(found.lines.len(), 1);
    }
}
