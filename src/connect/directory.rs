//! A user's `~/.ssh` directory: its files, and whether envctl can write them.
//!
//! Clients read the configuration in the home that the user database names. `HOME` can be another directory, so both
//! are known here.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::fragment::FRAGMENT;
use super::include;
use crate::files;
use crate::project::{ProjectError, write};
use crate::system::System;

/// A user's `~/.ssh` directory.
pub struct Directory {
    /// `~/.ssh`.
    pub path: PathBuf,
    home: PathBuf,
    is_accounts: bool,
}

impl Directory {
    /// Returns the caller's directory.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let home = system.home();
        let is_accounts = account_home(system.uid).is_none_or(|account| account == home);
        Self { path: home.join(".ssh"), home, is_accounts }
    }

    /// Returns the path of the user's own configuration.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.path.join("config")
    }

    /// Returns its text for reading. Bytes that are not text cannot contain a line of envctl.
    #[must_use]
    pub fn config(&self) -> String {
        read_or_empty(&self.config_path())
    }

    /// Returns the path of envctl's own file.
    #[must_use]
    pub fn fragment_path(&self) -> PathBuf {
        self.path.join(FRAGMENT)
    }

    /// Returns the text of that file.
    #[must_use]
    pub fn fragment(&self) -> String {
        read_or_empty(&self.fragment_path())
    }

    /// Returns the path of envctl's own file as the `Include` line names it.
    #[must_use]
    pub fn include_word(&self) -> Option<String> {
        include::word(&self.home, self.is_accounts)
    }

    /// Returns the configuration that a client must be given if `HOME` is not the account's home. Clients read the
    /// configuration in the home that the user database names.
    #[must_use]
    pub fn named_config(&self) -> Option<PathBuf> {
        (!self.is_accounts).then(|| self.config_path())
    }

    /// Writes a line before the user's own bytes and keeps these unchanged.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn put_first(&self, line: &[u8]) -> Result<(), ProjectError> {
        let path = self.config_path();
        let own = match files::read(&path, files::DOCUMENT) {
            Err(error) if error.problem.is_missing() => Vec::new(),
            own => own?,
        };
        write::replace(&path, &[line, &own].concat(), 0o600)
    }

    /// Returns the first of the files to write that is read-only, or that is on a read-only file system. The mode is
    /// checked because root can write every file.
    #[must_use]
    pub fn unwritable(&self, fragment: bool, config: bool) -> Option<PathBuf> {
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

/// Returns the text of a file; empty if it cannot be read.
pub(super) fn read_or_empty(path: &Path) -> String {
    files::read(path, files::DOCUMENT).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Returns the home that the user database has for a user; `None` if it has no such user.
#[must_use]
pub fn account_home(uid: u32) -> Option<PathBuf> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [_, _, id, _, _, home, ..] = fields[..] else { return None };
        (id.parse() == Ok(uid)).then(|| PathBuf::from(home))
    })
}
