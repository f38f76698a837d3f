//! The origin of an engine's address, and advice if no engine listens there.
//!
//! Errors and the endpoint both need it, so it has its own file.

use std::fmt;

/// The origin of an engine's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressOrigin {
    /// `--engine`
    Flag,
    /// A variable of the caller's environment.
    Variable(&'static str),
    /// The docker client's context of this name.
    Context(String),
    /// No setting: the usual socket.
    Default,
}

impl fmt::Display for AddressOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--engine"),
            Self::Variable(name) => f.write_str(name),
            Self::Context(name) => write!(f, "the docker context `{name}`"),
            Self::Default => f.write_str("the default"),
        }
    }
}

impl AddressOrigin {
    /// Advice for an `endpoint` of this origin where no engine listens: an engine may run at the usual address.
    pub(super) fn hints(&self, endpoint: &str) -> Vec<String> {
        let other = match self {
            Self::Flag => "leave out `--engine` to use the usual engine".to_owned(),
            Self::Variable(name) => format!("`{name}` names that address: `unset {name}` to use the usual engine"),
            Self::Context(name) => format!(
                "the docker context `{name}` names that address: `docker context ls` shows others, and `DOCKER_CONTEXT=default` chooses the usual engine"
            ),
            Self::Default => {
                let hints = [
                    "install and start an engine with `envctl setup`",
                    "where one runs elsewhere, name it with `--engine URL` or `DOCKER_HOST`",
                ];
                return hints.map(str::to_owned).to_vec();
            }
        };
        vec![other, format!("or start an engine at `{endpoint}`")]
    }
}
