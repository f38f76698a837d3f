//! Types of names: environments, frameworks, packages, variables, users and capabilities.
//!
//! Each is valid in the places that use it, such as host names and package indexes.

use super::{ValueError, all, checked_text, cut, has_control};

/// The longest environment name. With `envctl-`, the identifier and a suffix it still fits the 63 characters of a DNS
/// label.
const NAME_LENGTH: usize = 40;

checked_text! {
    /// An environment's name: a DNS label (`a-z0-9-`, at most 40 characters, at least one letter). So it is also a
    /// valid host name, container name and image name.
    EnvironmentName = environment;
    /// A framework's id: `pytorch`. The matrix decides which ids exist.
    FrameworkId = framework;
    /// A Python distribution's name, normalised (PEP 503).
    PackageName = package;
    /// A distribution package: `libgl1`, `git=1:2.39.5-0`.
    SystemPackage = system_package;
    /// A word that a program parses: a build's name, an extra, a version's label.
    Label = label;
    /// A line of text for people.
    Line = line;
    /// An environment variable's name.
    EnvName = env_name;
    /// An environment variable's value: any text without NUL, line breaks or other control characters except the tab.
    EnvValue = env_value;
    /// A Linux user name.
    UserName = user;
    /// A Linux capability without `CAP_`, upper case, or `ALL`.
    LinuxCapability = linux_capability;
}

impl EnvironmentName {
    /// The default name: the directory's name as a DNS label. `My Project_2` becomes `my-project-2`.
    #[must_use]
    pub fn from_directory(directory: &str) -> Self {
        let mut name = String::new();
        for character in directory.chars() {
            let safe = character.to_ascii_lowercase();
            if safe.is_ascii_lowercase() || safe.is_ascii_digit() {
                name.push(safe);
            } else if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
        }
        name.truncate(NAME_LENGTH - "env-".len());
        let name = name.trim_end_matches('-');
        let prefixed = || match name {
            "" => Self("env".to_owned()),
            other => Self(format!("env-{other}")),
        };
        name.parse().unwrap_or_else(|_| prefixed())
    }
}

fn environment(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        Err(ValueError::new(
            text,
            "an environment's name",
            why,
            "1 to 40 lower-case letters, digits and `-`, such as `vision-lab`: it becomes a host name",
        ))
    };
    match text {
        "" => error("it is empty"),
        "localhost" => error("`ssh localhost` is this machine"),
        _ if text.starts_with('-') || text.ends_with('-') => error("it begins or ends with `-`"),
        _ if text.len() > NAME_LENGTH => error("it is too long"),
        _ if text.bytes().any(|b| b.is_ascii_uppercase()) => error("it has upper-case letters"),
        _ if !all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') => {
            error("it has other characters than `a-z`, `0-9` and `-`")
        }
        _ if !text.bytes().any(|b| b.is_ascii_lowercase()) => {
            error("it has no letter, so it would be read as an address")
        }
        _ => Ok(text.to_owned()),
    }
}

fn framework(text: &str) -> Result<String, ValueError> {
    let good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if good {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(text, "a framework's id", "ids are lower-case letters, digits and `-`", "such as `pytorch`"))
}

fn package(text: &str) -> Result<String, ValueError> {
    let error = |why| Err(ValueError::new(text, "a package name", why, "a name alone, such as `torchvision`"));
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if ends(text.chars().next()) && text.contains(['=', '<', '>', '~', '!']) {
        return error("it carries a version; envctl picks the one that goes with the framework");
    }
    if !all(text, |c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return error("it has characters that no package name has");
    }
    if !ends(text.chars().next()) || !ends(text.chars().next_back()) {
        return error("it must begin and end with a letter or digit");
    }
    let mut name = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '-' | '_' | '.' if name.ends_with('-') => {}
            '-' | '_' | '.' => name.push('-'),
            other => name.push(other.to_ascii_lowercase()),
        }
    }
    Ok(name)
}

fn system_package(text: &str) -> Result<String, ValueError> {
    let error = |why| {
        Err(ValueError::new(
            text,
            "a distribution package",
            why,
            "a package name, or `name=version`, such as `git` or `git=1:2.39.5-0`",
        ))
    };
    let (name, version) = cut(text, '=');
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.len() < 2 || !name.starts_with(lower) || !all(name, |c| lower(c) || "+-.:".contains(c)) {
        return error("its name has characters that no package name has");
    }
    if name.ends_with('-') {
        return error("a `-` at the end means removal to apt");
    }
    match version {
        Some(version) if version.is_empty() || !all(version, |c| c.is_ascii_alphanumeric() || ".+-~:".contains(c)) => {
            error("its version has characters that no version has")
        }
        _ => Ok(text.to_owned()),
    }
}

fn label(text: &str) -> Result<String, ValueError> {
    let good = (1..=200).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        && all(text, |c| c.is_ascii_alphanumeric() || "._+!-".contains(c));
    if good {
        return Ok(text.to_owned());
    }
    let why = "it has characters that no such word has";
    Err(ValueError::new(text, "a word", why, "letters, digits, `.`, `_`, `+`, `!` and `-`, such as `cu121`"))
}

fn line(text: &str) -> Result<String, ValueError> {
    let error = |why| Err(ValueError::new(text, "a line of text", why, "a line without control characters"));
    match text {
        _ if has_control(text) => error("it has a line break or another control character"),
        _ if text.len() > 64 * 1024 => error("it is too long"),
        _ => Ok(text.to_owned()),
    }
}

fn env_name(text: &str) -> Result<String, ValueError> {
    let good = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.len() <= 200
        && all(text, |c| c.is_ascii_alphanumeric() || c == '_');
    if good {
        return Ok(text.to_owned());
    }
    let why = "names are letters, digits and `_`, and do not begin with a digit";
    Err(ValueError::new(text, "a variable's name", why, "a name such as `HF_HOME`"))
}

fn env_value(text: &str) -> Result<String, ValueError> {
    if all(text, |c| !c.is_control() || c == '\t') {
        return Ok(text.to_owned());
    }
    let why = "it has a line break or another control character";
    Err(ValueError::new(
        text,
        "a variable's value",
        why,
        "one line; a text of several belongs in a file that is mounted",
    ))
}

fn user(text: &str) -> Result<String, ValueError> {
    let good = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.len() <= 32
        && all(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c));
    if good {
        return Ok(text.to_owned());
    }
    let why = "user names are up to 32 lower-case letters, digits, `_` and `-`, and do not begin with a digit";
    Err(ValueError::new(text, "a user name", why, "a name such as `dev`; without the key it is the caller's own name"))
}

/// The capabilities of the kernel (`capabilities(7)`).
const LINUX_CAPABILITIES: [&str; 42] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

fn linux_capability(text: &str) -> Result<String, ValueError> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
    if LINUX_CAPABILITIES.contains(&name) {
        return Ok(name.to_owned());
    }
    let why = if has_control(text) { "it has control characters" } else { "the kernel knows none of that name" };
    Err(ValueError::new(text, "a Linux capability", why, "a capability such as `SYS_PTRACE`, or `ALL`"))
}
