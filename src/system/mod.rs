//! The interface to the process: variables, directories, identity, clock, child commands.
//!
//! It is read once and then passed as a value, so that tests can supply their own.

#![expect(clippy::disallowed_methods, reason = "this is the seam that the ban on these points to")]

mod children;
mod private_file;
mod scratch;
pub mod signals;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

pub use children::{async_command, command, output, run_lines};
pub use private_file::PrivateFile;
pub use scratch::Scratch;

/// The properties of this process at its start. Tests create their own.
#[derive(Clone, Debug)]
pub struct System {
    /// Environment variables that are valid text; envctl needs no others.
    pub variables: BTreeMap<String, String>,
    /// The working directory.
    pub directory: PathBuf,
    /// The real user ID. Under `sudo`, the ID of the calling user (`SUDO_UID`).
    pub uid: u32,
    /// The group ID; under `sudo`, `SUDO_GID`.
    pub gid: u32,
    /// The user's name, from `SUDO_USER`, `USER` or the user database.
    pub user: String,
    /// Whether the process itself has root's rights.
    pub is_root: bool,
    /// Whether standard input is a terminal, so that questions are possible.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// Whether standard error is a terminal, for bars and colour.
    pub stderr_terminal: bool,
}

impl System {
    /// Reads the properties of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let process_uid = rustix::process::getuid().as_raw();
        let id = |name: &str| variables.get(name).and_then(|text| text.parse().ok());
        let sudo = process_uid == 0 && variables.contains_key("SUDO_UID");
        let uid = if sudo { id("SUDO_UID").unwrap_or(0) } else { process_uid };
        let gid = if sudo { id("SUDO_GID").unwrap_or(0) } else { rustix::process::getgid().as_raw() };
        let named = if sudo { variables.get("SUDO_USER") } else { variables.get("USER") };
        let user = user_name(uid).or_else(|| named.cloned()).unwrap_or_else(|| format!("user{uid}"));
        Self {
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            uid,
            gid,
            user,
            is_root: process_uid == 0,
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
            variables,
        }
    }

    /// Returns a user without a machine, for tests: only the PATH is the developer's.
    #[cfg(test)]
    #[must_use]
    pub fn for_tests() -> Self {
        let path = std::env::var("PATH").unwrap_or_default();
        Self {
            variables: BTreeMap::from([("PATH".to_owned(), path), ("HOME".to_owned(), "/nonexistent".to_owned())]),
            directory: PathBuf::from("/"),
            uid: 1000,
            gid: 1000,
            user: "ada".to_owned(),
            is_root: false,
            stdin_terminal: false,
            stdout_terminal: false,
            stderr_terminal: false,
        }
    }

    /// Returns a variable that is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the home directory: `HOME`, else `/root` or `/home/NAME`.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        let fallback = || if self.uid == 0 { "/root".into() } else { Path::new("/home").join(&self.user) };
        self.variable("HOME").map_or_else(fallback, PathBuf::from)
    }

    /// Returns the directory of the user's configuration: `$XDG_CONFIG_HOME/envctl`.
    #[must_use]
    pub fn config_home(&self) -> PathBuf {
        self.xdg("XDG_CONFIG_HOME", ".config")
    }

    /// Returns the directory of state that must survive a rebuild: `$XDG_STATE_HOME/envctl`.
    #[must_use]
    pub fn state_home(&self) -> PathBuf {
        self.xdg("XDG_STATE_HOME", ".local/state")
    }

    /// Returns the directory of downloaded tools: `$XDG_DATA_HOME/envctl`.
    #[must_use]
    pub fn data_home(&self) -> PathBuf {
        self.xdg("XDG_DATA_HOME", ".local/share")
    }

    /// Returns the directory of files that may be deleted at any time: `$XDG_CACHE_HOME/envctl`.
    #[must_use]
    pub fn cache_home(&self) -> PathBuf {
        self.xdg("XDG_CACHE_HOME", ".cache")
    }

    fn xdg(&self, variable: &str, fallback: &str) -> PathBuf {
        let base = self.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        base.unwrap_or_else(|| self.home().join(fallback)).join("envctl")
    }

    /// Returns the path of a program on `PATH`.
    #[must_use]
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        let path = self.variable("PATH").unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        std::env::split_paths(OsStr::new(path)).map(|dir| dir.join(name)).find(|file| is_executable(file))
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
    }
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Returns the name of a user ID in `/etc/passwd`. Directory services are not asked: `USER` has the same name.
#[must_use]
pub fn user_name(uid: u32) -> Option<String> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}
