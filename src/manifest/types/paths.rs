//! Types of paths on the host, inside the container and inside the project. They check text and never touch a file
//! system.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{ValueError, checked_text, has_control};

checked_text! {
    /// An absolute, normalised path inside the container; `~` stands for the user's home.
    ContainerPath = container;
    /// A relative path inside the project that does not leave it: normalised, no `.` and no `..`.
    ProjectPath = project;
    /// A path on the host as written: absolute, `~/…`, or relative to the project.
    HostPath = host;
    /// Directories of manifests that are accepted regardless of their owner: absolute or `~/…`, with `/*` for all
    /// directories below, or `*` for all.
    SafeDirectory = safe_directory;
}

impl SafeDirectory {
    /// Whether the entry includes a project's directory. `home` is the caller's; `real` resolves the links of a path.
    #[must_use]
    pub fn covers(&self, root: &Path, home: &Path, real: impl Fn(PathBuf) -> PathBuf) -> bool {
        let text = self.as_str();
        let (text, below) = text.strip_suffix("/*").map_or((text, false), |above| (above, true));
        let in_home = |rest: &str| home.join(rest.trim_start_matches('/'));
        let directory = real(text.strip_prefix('~').map_or_else(|| PathBuf::from(text), in_home));
        text == "*" || if below { root != directory && root.starts_with(&directory) } else { root == directory }
    }
}

/// A host path of the manifest as an absolute path: `~/…` from the caller's home, else relative to the project.
#[must_use]
pub fn host_path(path: &Path, project: &Path, home: &Path) -> PathBuf {
    let joined = path.strip_prefix("~").map_or_else(|_| project.join(path), |rest| home.join(rest));
    // `components` drops `.` and doubled slashes. It keeps `..`, because the part before it can be a link.
    joined.components().collect()
}

/// Whether a file of this name in `~/.ssh` is one of the caller's public keys. Certificates are none.
#[must_use]
pub fn is_public_key_name(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.ends_with(b".pub") && !name.ends_with(b"-cert.pub")
}

impl ContainerPath {
    /// The path with `~` replaced by `home`.
    #[must_use]
    pub fn in_home(&self, home: &str) -> String {
        self.as_str().strip_prefix('~').map_or_else(|| self.as_str().to_owned(), |rest| format!("{home}{rest}"))
    }
}

fn container(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        Err(ValueError::new(
            text,
            "a path in the container",
            why,
            "an absolute path such as `/data`, or one in the user's home such as `~/.cache`",
        ))
    };
    if has_control(text) {
        return error("it has a line break or another control character");
    }
    let (root, rest) = match text {
        "~" => ("~", ""),
        _ if text.starts_with("~/") => ("~", &text[1..]),
        _ if text.starts_with('~') => return error("only the user's own home can be named by `~`"),
        _ if text.starts_with('/') => ("", text),
        _ if text.contains('$') => return error("variables are not expanded"),
        _ => return error("it is relative"),
    };
    let mut path = root.to_owned();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => return error("it has a `..`"),
            part => {
                path.push('/');
                path.push_str(part);
            }
        }
    }
    if path.is_empty() { Ok("/".to_owned()) } else { Ok(path) }
}

fn project(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        let allowed = "a path inside the project, relative to the manifest's directory, such as `requirements.txt`";
        Err(ValueError::new(text, "a path in the project", why, allowed))
    };
    if has_control(text) {
        return error("it has a line break or another control character");
    }
    if text.starts_with(['/', '~']) {
        return error("it is absolute");
    }
    if text.starts_with('-') {
        return error("it looks like an option; write `./` before it");
    }
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return error("it leaves the project");
                }
            }
            part => parts.push(part),
        }
    }
    match parts.is_empty() {
        true if text.starts_with('.') => Ok(".".to_owned()),
        true => error("it is empty"),
        false => Ok(parts.join("/")),
    }
}

fn safe_directory(text: &str) -> Result<String, ValueError> {
    let plain = text == "*" || text.starts_with('/') || text.starts_with("~/");
    if plain && !has_control(text) {
        return Ok(text.to_owned());
    }
    let why = if has_control(text) { "it has a control character" } else { "it is relative" };
    let allowed = "an absolute directory, `~/…`, one of them with `/*` for all below it, or `*` for all";
    Err(ValueError::new(text, "a safe directory", why, allowed))
}

fn host(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        let allowed = "an absolute path, one from the home (`~/…`), or one relative to the project (`./…`)";
        Err(ValueError::new(text, "a path on the host", why, allowed))
    };
    match text {
        "" => error("it is empty"),
        _ if has_control(text) => error("it has a line break or another control character"),
        _ if text.starts_with('~') && text != "~" && !text.starts_with("~/") => {
            error("only the caller's own home can be named by `~`")
        }
        _ if text.contains('$') => error("variables are not expanded"),
        _ => Ok(text.to_owned()),
    }
}
