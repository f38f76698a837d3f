//! Adds an environment's block to the user's `~/.ssh` and removes it.
//!
//! Files are replaced atomically, and only envctl's own parts of them change.

use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::directory::Directory;
use super::fragment::Fragment;
use super::{Endpoint, configuration, entry, include};
use crate::error::Error;
use crate::project::{ProjectError, State, environments_directory, write};
use crate::system::System;

/// The command that enters an environment without an entry.
pub const OWN_COMMAND: &str = "envctl ssh";

/// The result of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// The user's configuration contains the entry.
    Yes {
        /// The copy of envctl's own file, if it contained text that envctl did not write.
        kept: Option<PathBuf>,
    },
    /// envctl cannot change the configuration; `envctl ssh` works without it.
    ReadOnly {
        /// The path that cannot be written.
        path: PathBuf,
    },
    /// A path cannot be written in a form that every client reads alike; `envctl ssh` works without it.
    Unquotable { value: String },
}

/// Writes the block and, once, the `Include`, and repairs envctl's own file. A file with unchanged bytes is not
/// written.
///
/// # Errors
/// A file cannot be read or written.
pub fn install(system: &System, endpoint: &Endpoint) -> Result<Installed, Error> {
    install_in(&Directory::of(system), system, endpoint)
}

/// As [`install`], for an environment that is installed already. If the user's configuration now names a host like
/// this environment, nothing is written and the result is `None`: the entry would hide that host.
///
/// # Errors
/// A file cannot be read or written.
pub fn reinstall(system: &System, endpoint: &Endpoint) -> Result<Option<Installed>, Error> {
    let ssh = Directory::of(system);
    if hides_a_host(system, endpoint) { Ok(None) } else { install_in(&ssh, system, endpoint).map(Some) }
}

fn install_in(ssh: &Directory, system: &System, endpoint: &Endpoint) -> Result<Installed, Error> {
    let block = match entry::write_block(endpoint) {
        Ok(block) => block,
        Err(super::ConnectError::Unquotable { value }) => return Ok(Installed::Unquotable { value }),
        Err(error) => return Err(error.into()),
    };
    let Some(word) = ssh.include_word() else {
        return Ok(Installed::Unquotable { value: ssh.fragment_path().display().to_string() });
    };
    let _held = lock_fragment(system)?;
    let old = ssh.fragment();
    let mut fragment = Fragment::parse(&old);
    fragment.put(&endpoint.id, &block);
    restore_entries(system, &mut fragment);
    let line = include::missing_line(&ssh.config(), &word);
    if let Some(path) = ssh.unwritable(fragment.text() != old, line.is_some()) {
        return Ok(Installed::ReadOnly { path });
    }
    write::private_directory(&ssh.path)?;
    let kept = replace_fragment(ssh, &old, &fragment)?;
    if let Some(line) = line {
        ssh.put_first(line.as_bytes())?;
    }
    Ok(Installed::Yes { kept })
}

/// Removes the block. The `Include` stays, because the file that it names belongs to envctl.
///
/// # Errors
/// A file cannot be written.
pub fn uninstall(system: &System, id: &str) -> Result<(), Error> {
    let ssh = Directory::of(system);
    let _held = lock_fragment(system)?;
    let old = ssh.fragment();
    let mut fragment = Fragment::parse(&old);
    fragment.remove(id);
    restore_entries(system, &mut fragment);
    let changes = !old.is_empty() && fragment.text() != old;
    if changes && ssh.unwritable(true, false).is_none() {
        replace_fragment(&ssh, &old, &fragment)?;
    }
    Ok(())
}

/// Whether the user's configuration contains the entry as [`install`] writes it, with nothing before it.
#[must_use]
pub fn is_installed(system: &System, endpoint: &Endpoint) -> bool {
    let ssh = Directory::of(system);
    let (Ok(block), Some(word)) = (entry::write_block(endpoint), ssh.include_word()) else { return false };
    let old = ssh.fragment();
    let mut fragment = Fragment::parse(&old);
    fragment.put(&endpoint.id, &block);
    let is_included = include::missing_line(&ssh.config(), &word).is_none();
    fragment.text() == old && is_included && !hides_a_host(system, endpoint)
}

/// Whether the user's configuration now names a host like this environment, so that envctl's entry hides it.
fn hides_a_host(system: &System, endpoint: &Endpoint) -> bool {
    endpoint.alias.as_ref().is_some_and(|alias| configuration::names_host(system, alias))
}

/// Restores damaged blocks from the states of their environments.
fn restore_entries(system: &System, fragment: &mut Fragment) {
    for id in std::mem::take(&mut fragment.broken) {
        let state = State::load(&environments_directory(system).join(&id)).ok().flatten();
        let endpoint = state.and_then(|state| serde_json::from_value::<Endpoint>(state.endpoint?).ok());
        if let Some(block) =
            endpoint.filter(|endpoint| endpoint.id == id).and_then(|found| entry::write_block(&found).ok())
        {
            fragment.put(&id, &block);
        }
    }
}

/// Writes envctl's own file if it changes. Text that envctl did not write is kept next to it. Only the owner may
/// write the file: a client would refuse it otherwise, and the whole configuration with it.
fn replace_fragment(ssh: &Directory, old: &str, new: &Fragment) -> Result<Option<PathBuf>, ProjectError> {
    let path = ssh.fragment_path();
    let text = new.text();
    let kept = new.foreign.then(|| path.with_extension("broken"));
    if let Some(kept) = &kept {
        write::replace(kept, old.as_bytes(), 0o600)?;
    }
    if text != old {
        write::replace(&path, text.as_bytes(), 0o600)?;
    }
    if path.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o022 != 0) {
        let failed = |error: std::io::Error| ProjectError::Unwritable { path: path.clone(), reason: error.to_string() };
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(kept)
}

/// Makes two environments that come up together write one after the other.
fn lock_fragment(system: &System) -> Result<File, ProjectError> {
    let directory = system.state_home();
    write::private_directory(&directory)?;
    let path = directory.join("ssh_config.lock");
    let failed = |error: std::io::Error| ProjectError::Unwritable { path: path.clone(), reason: error.to_string() };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn system(home: &Path) -> System {
        let mut system = System::for_tests();
        system.variables.clear();
        system.variables.insert("HOME".to_owned(), home.display().to_string());
        system
    }

    #[test]
    fn the_first_time_makes_everything_private() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        assert_eq!(install(&system, &entry::sample()).unwrap(), Installed::Yes { kept: None });
        let ssh = home.path().join(".ssh");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&ssh), mode(&ssh.join("config"))), (0o700, 0o600));
        let whole = format!("Include {}\n", ssh.join("envctl_config").display());
        assert_eq!(fs::read_to_string(ssh.join("config")).unwrap(), whole);
    }

    #[test]
    fn a_second_time_writes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        install(&system, &entry::sample()).unwrap();
        let written = |file: &str| {
            let meta = fs::metadata(home.path().join(".ssh").join(file)).unwrap();
            std::os::unix::fs::MetadataExt::ino(&meta)
        };
        let before = (written("config"), written("envctl_config"));
        install(&system, &entry::sample()).unwrap();
        assert_eq!(before, (written("config"), written("envctl_config")));
        uninstall(&system, "lab-1a2b3c4d").unwrap();
        let left = fs::read_to_string(home.path().join(".ssh/envctl_config")).unwrap();
        assert!(!left.contains("Host "), "{left}");
    }

    #[test]
    fn a_read_only_configuration_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        let ssh = home.path().join(".ssh");
        fs::create_dir(&ssh).unwrap();
        fs::write(ssh.join("config"), "Host *\n").unwrap();
        fs::set_permissions(ssh.join("config"), fs::Permissions::from_mode(0o444)).unwrap();
        let came = install(&system, &entry::sample()).unwrap();
        assert_eq!(came, Installed::ReadOnly { path: ssh.join("config") });
        assert_eq!(fs::read_to_string(ssh.join("config")).unwrap(), "Host *\n");
        assert!(!ssh.join("envctl_config").exists());
    }

    #[test]
    fn a_configuration_in_a_dotfiles_repository_stays_a_link() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        let ssh = home.path().join(".ssh");
        fs::create_dir_all(home.path().join("dotfiles")).unwrap();
        fs::create_dir(&ssh).unwrap();
        fs::write(home.path().join("dotfiles/ssh"), b"# caf\xe9\nHost *\n").unwrap();
        std::os::unix::fs::symlink("../dotfiles/ssh", ssh.join("config")).unwrap();
        install(&system, &entry::sample()).unwrap();
        assert!(fs::symlink_metadata(ssh.join("config")).unwrap().is_symlink());
        assert!(fs::read(home.path().join("dotfiles/ssh")).unwrap().ends_with(b"\n# caf\xe9\nHost *\n"));
    }

    #[test]
    fn junk_in_our_own_file_is_kept_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        install(&system, &entry::sample()).unwrap();
        let file = home.path().join(".ssh/envctl_config");
        let good = fs::read_to_string(&file).unwrap();
        let junk = format!("{good}Bogus {{\n");
        fs::write(&file, &junk).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        let kept = home.path().join(".ssh/envctl_config.broken");
        assert_eq!(install(&system, &entry::sample()).unwrap(), Installed::Yes { kept: Some(kept.clone()) });
        assert_eq!((fs::read_to_string(&file).unwrap(), fs::read_to_string(&kept).unwrap()), (good, junk));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(install(&system, &entry::sample()).unwrap(), Installed::Yes { kept: None });
    }

    #[test]
    fn a_home_that_no_configuration_can_name_is_told() {
        let home = tempfile::tempdir().unwrap();
        let odd = home.path().join("a\"b");
        let endpoint = Endpoint { known_hosts: odd.join("known_hosts"), ..entry::sample() };
        let came = install(&system(&odd), &endpoint).unwrap();
        assert!(matches!(came, Installed::Unquotable { .. }), "{came:?}");
        assert!(!odd.join(".ssh").exists());
    }

    #[test]
    fn a_host_of_that_name_in_the_users_configuration_is_seen() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        install(&system, &entry::sample()).unwrap();
        assert!(reinstall(&system, &entry::sample()).unwrap().is_some());
        fs::write(home.path().join(".ssh/config"), "Host lab\n  HostName lab.example\n").unwrap();
        assert_eq!(reinstall(&system, &entry::sample()).unwrap(), None);
    }
}
