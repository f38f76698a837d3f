//! `sshd_config`, and the environment that every SSH session gets.

use std::collections::BTreeMap;

use serde::Serialize;

use super::template::Template;
use super::words::{SshdWord, Unspeakable};

/// What sessions see, by name. sshd gives a session nothing of the container's own environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionEnv(BTreeMap<String, String>);

/// Set by sshd or by the shell for each session; or meant for the entrypoint alone.
const NOT_A_SESSIONS: [&str; 9] = ["HOME", "USER", "LOGNAME", "SHELL", "TERM", "HOSTNAME", "PWD", "SHLVL", "MAIL"];

impl SessionEnv {
    /// From `NAME=value` lines; of one name, the last counts. Give the image's first, then the container's.
    pub fn new<'a>(variables: impl IntoIterator<Item = &'a str>) -> Self {
        let pairs = variables.into_iter().filter_map(|line| line.split_once('='));
        let wanted = pairs.filter(|(name, _)| !NOT_A_SESSIONS.contains(name) && !name.starts_with("ENVCTL_"));
        Self(wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The variables, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[derive(Serialize)]
struct Values {
    root: bool,
    user: SshdWord,
    environment: Vec<SshdWord>,
}

/// The server's configuration for one user. Deterministic. The port, the host key and the authorised keys are fixed:
/// they lie in the volume that this file lies in.
///
/// # Errors
/// A variable's value has a line break (an image's may).
pub fn sshd_config(user: &str, session: &SessionEnv) -> Result<String, Unspeakable> {
    let environment = session.iter().map(|(name, value)| SshdWord::new(&format!("{name}={value}")));
    let values = Values {
        root: user == "root",
        user: SshdWord::new(user)?,
        environment: environment.collect::<Result<_, _>>()?,
    };
    Ok(Template::SshdConfig.fill(&values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_holds_every_variable() {
        let session = SessionEnv::new([
            "PATH=/usr/bin",
            "PATH=/opt/envctl/venv/bin:/usr/bin",
            "ENVCTL_UID=1000",
            "HOME=/root",
            r#"GREETING=say "hi" to C:\me"#,
            "EMPTY=",
        ]);
        insta::assert_snapshot!(sshd_config("ada", &session).unwrap());
    }

    #[test]
    fn root_enters_by_key_only() {
        let config = sshd_config("root", &SessionEnv::default()).unwrap();
        assert!(config.contains("\nPermitRootLogin prohibit-password\n"));
        assert!(!config.contains("SetEnv"));
        assert!(!sshd_config("ada", &SessionEnv::default()).unwrap().contains("prohibit-password"));
    }

    #[test]
    fn a_value_of_two_lines_is_refused() {
        assert!(sshd_config("ada", &SessionEnv::new(["A=b\nPermitRootLogin yes"])).is_err());
    }
}
