//! Puts an environment's block into the user's `~/.ssh`, and takes it out again.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Endpoint, entry, include};
use crate::error::Error;
use crate::project::{ProjectError, write};
use crate::system::System;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// `ssh NAME` works.
    Yes,
    /// The configuration is not ours to change; `envctl ssh` works without it.
    ReadOnly {
        /// What can't be written.
        path: PathBuf,
    },
}

/// The shorter alias, where it is free.
#[must_use]
pub fn free_alias(system: &System, name: &str, id: &str) -> Option<String> {
    let ssh = Directory::of(system);
    include::is_free(name, &ssh.config(), &ssh.fragment(), id).then(|| name.to_owned())
}

/// Writes the block and, once, the `Include`. Touches no file whose bytes would stay the same.
pub fn install(system: &System, endpoint: &Endpoint) -> Result<Installed, Error> {
    let ssh = Directory::of(system);
    let block = entry::block(endpoint)?;
    let _held = hold(system)?;
    let fragment = ssh.fragment();
    let wanted = include::with_block(&fragment, &endpoint.id, &block);
    let line = include::missing_line(&ssh.config(), &ssh.include_word(system));
    if let Some(path) = ssh.unwritable(wanted != fragment, line.is_some()) {
        return Ok(Installed::ReadOnly { path });
    }
    write::private_directory(&ssh.path)?;
    if wanted != fragment {
        write::replace(&ssh.fragment_path(), wanted.as_bytes(), 0o600)?;
    }
    if let Some(line) = line {
        ssh.put_first(line.as_bytes())?;
    }
    Ok(Installed::Yes)
}

/// Takes the block out. The `Include` stays: it names a file that is ours.
pub fn uninstall(system: &System, id: &str) -> Result<(), Error> {
    let ssh = Directory::of(system);
    let _held = hold(system)?;
    let fragment = ssh.fragment();
    let wanted = include::without_block(&fragment, id);
    if wanted != fragment && ssh.unwritable(true, false).is_none() {
        write::replace(&ssh.fragment_path(), wanted.as_bytes(), 0o600)?;
    }
    Ok(())
}

/// The user's `~/.ssh`.
struct Directory {
    path: PathBuf,
}

impl Directory {
    fn of(system: &System) -> Self {
        Self { path: system.home().join(".ssh") }
    }

    fn config_path(&self) -> PathBuf {
        self.path.join("config")
    }

    fn fragment_path(&self) -> PathBuf {
        self.path.join(include::FRAGMENT)
    }

    fn config(&self) -> String {
        read(&self.config_path())
    }

    /// Puts a line before the user's own bytes, whatever they are.
    fn put_first(&self, line: &[u8]) -> Result<(), ProjectError> {
        let path = self.config_path();
        let own = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(ProjectError::Unreadable { path, reason: error.to_string() }),
            Ok(own) => own,
        };
        write::replace(&path, &[line, &own].concat(), 0o600)
    }

    fn fragment(&self) -> String {
        read(&self.fragment_path())
    }

    /// Relative, so that the line means the same wherever the user's configuration is copied. Clients look for a relative
    /// path in the home of the user database; where `HOME` is elsewhere, the whole path is named.
    fn include_word(&self, system: &System) -> String {
        let usual = account_home(system.uid).is_none_or(|home| home == system.home());
        let whole = || entry::quote_path(&self.fragment_path()).unwrap_or_else(|_| include::FRAGMENT.to_owned());
        if usual { include::FRAGMENT.to_owned() } else { whole() }
    }

    /// The first of the files to write that its owner has made read-only, or that lies where nothing can be written. The
    /// mode is looked at because for root every write succeeds.
    fn unwritable(&self, fragment: bool, config: bool) -> Option<PathBuf> {
        let files = [(fragment, self.fragment_path()), (config, self.config_path())];
        files.into_iter().filter(|(wanted, _)| *wanted).map(|(_, path)| path).find(|path| !is_writable(path))
    }
}

fn is_writable(path: &Path) -> bool {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let owner_may = |path: &Path| path.metadata().map_or(true, |meta| meta.permissions().mode() & 0o200 != 0);
    let directory = target.ancestors().skip(1).find(|above| above.exists()).unwrap_or(Path::new("/"));
    let system_lets = rustix::fs::access(directory, rustix::fs::Access::WRITE_OK).is_ok();
    owner_may(&target) && owner_may(directory) && system_lets
}

/// For a look at it: what is not text can't hold a line of ours.
fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The home that the user database gives a user; `None` where it has no such line.
fn account_home(uid: u32) -> Option<PathBuf> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [_, _, id, _, _, home, ..] = fields[..] else { return None };
        (id.parse() == Ok(uid)).then(|| PathBuf::from(home))
    })
}

/// Two environments that come up at once write one after the other.
fn hold(system: &System) -> Result<File, ProjectError> {
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

    fn system(home: &Path) -> System {
        let mut system = System::of_process();
        system.variables.clear();
        system.variables.insert("HOME".to_owned(), home.display().to_string());
        system
    }

    #[test]
    fn the_first_time_makes_everything_private() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        assert_eq!(install(&system, &entry::sample()).unwrap(), Installed::Yes);
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
        assert!(!read(&home.path().join(".ssh/envctl_config")).contains("Host "));
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
    fn the_short_alias_yields_to_the_users_own() {
        let home = tempfile::tempdir().unwrap();
        let system = system(home.path());
        assert_eq!(free_alias(&system, "lab", "lab-1"), Some("lab".to_owned()));
        fs::create_dir(home.path().join(".ssh")).unwrap();
        fs::write(home.path().join(".ssh/config"), "Host lab\n  HostName lab.example\n").unwrap();
        assert_eq!(free_alias(&system, "lab", "lab-1"), None);
    }
}
