//! The reasons why envctl cannot set up a machine.
//!
//! An error with open steps holds them, so that the user can run them by hand.

use crate::error::{Exit, Report};

use super::{Need, SetupStep};

/// The reason why envctl cannot set up a machine.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// envctl does not know a package manager of this distribution.
    #[error("this distribution can't be set up")]
    UnknownDistribution {
        /// The distribution, `rocky:9.4`. `None`: it does not give its name.
        distribution: Option<String>,
        /// The parts that would be installed.
        missing: Vec<MissingPart>,
    },
    /// The requested engine is not this machine's own and does not answer.
    #[error("the container engine at `{endpoint}` does not answer, and only this machine's own can be set up")]
    Elsewhere { endpoint: String },
    /// The steps need root, and `sudo` is not installed.
    #[error("the setup needs root, and this machine has no `sudo`")]
    NeedsRoot {
        /// The steps that root would run.
        steps: Vec<SetupStep>,
    },
    /// The user did not agree.
    #[error("nothing was set up: nobody confirmed {} command{}", steps.len(), if steps.len() == 1 { "" } else { "s" })]
    NotConfirmed {
        /// The steps that would run.
        steps: Vec<SetupStep>,
    },
    #[error("`{command}` failed with {status}")]
    CommandFailed {
        /// The command, as a user would type it.
        command: String,
        /// The status, such as `exit code 100`.
        status: String,
        /// The command's last lines.
        output: Vec<String>,
    },
    /// A command could not start.
    #[error("can't run `{command}`: {reason}")]
    CommandNotRun {
        /// The command, as a user would type it.
        command: String,
        /// The system's message.
        reason: String,
    },
    /// The engine was started but does not answer.
    #[error("the container engine was started with `{command}` and does not answer at `{endpoint}`")]
    EngineSilent {
        /// The command that started it.
        command: String,
        /// The expected address.
        endpoint: String,
        /// The last lines of its log.
        output: Vec<String>,
    },
}

/// A part that a machine needs and does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingPart {
    /// A container engine.
    Engine,
    /// A program, or a file that programs need.
    Program(Need),
    /// The NVIDIA Container Toolkit.
    Toolkit,
}

impl Report for SetupError {
    fn kind(&self) -> &'static str {
        match self {
            Self::UnknownDistribution { .. } => "setup-unknown-distribution",
            Self::Elsewhere { .. } => "setup-elsewhere",
            Self::NeedsRoot { .. } => "setup-needs-root",
            Self::NotConfirmed { .. } => "setup-not-confirmed",
            Self::CommandFailed { .. } | Self::CommandNotRun { .. } => "setup-command-failed",
            Self::EngineSilent { .. } => "setup-engine-silent",
        }
    }

    fn exit(&self) -> Exit {
        Exit::Unusable
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::UnknownDistribution { .. } => vec![
                "install them with the package manager here; Docker Engine 20.10 or later is enough".to_owned(),
                "run `envctl doctor` afterwards: it says what is still missing".to_owned(),
            ],
            Self::Elsewhere { .. } => vec![
                "start it on its own machine".to_owned(),
                "or leave out `--engine` and `DOCKER_HOST` to set up one here".to_owned(),
            ],
            Self::NeedsRoot { .. } => vec!["run the commands above as root".to_owned()],
            Self::NotConfirmed { .. } => {
                vec!["run `envctl setup --yes`, or the commands above yourself".to_owned()]
            }
            Self::CommandFailed { output, .. } => command_hints(output),
            Self::CommandNotRun { .. } => Vec::new(),
            Self::EngineSilent { .. } => {
                vec![
                    "the lines above are from its log; `journalctl -u docker` has more where systemd runs it"
                        .to_owned(),
                ]
            }
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::NeedsRoot { steps } | Self::NotConfirmed { steps } => {
                steps.iter().map(SetupStep::to_string).collect()
            }
            Self::CommandFailed { output, .. } | Self::EngineSilent { output, .. } => output.clone(),
            Self::UnknownDistribution { .. } | Self::Elsewhere { .. } | Self::CommandNotRun { .. } => Vec::new(),
        }
    }
}

/// The hints for the last lines of a package manager.
fn command_hints(output: &[String]) -> Vec<String> {
    let says = |words: &str| output.iter().any(|line| line.contains(words));
    let mut hints = Vec::new();
    if says("No space left on device") || says("enough free space") {
        hints.push("free some space on this disk, then run `envctl setup` again".to_owned());
    }
    if says("Could not get lock") || says("is another process using it") {
        hints.push("another package manager is at work: wait for it, then run `envctl setup` again".to_owned());
    }
    if says("Unable to locate package") || says("has no installation candidate") {
        hints
            .push("look at `/etc/apt/sources.list.d`: the distribution's own packages can't be found there".to_owned());
    }
    if says("Could not resolve") || says("Failed to fetch") || says("Unable to fetch") {
        hints.push("check the network and apt's proxy settings, then run `envctl setup` again".to_owned());
    }
    if says("dpkg was interrupted") {
        hints.push("run `dpkg --configure -a`, then `envctl setup` again".to_owned());
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::StepReason;

    #[test]
    fn a_missing_yes_lists_the_exact_commands() {
        let error = SetupError::NotConfirmed {
            steps: vec![SetupStep::run(&["systemctl", "start", "docker"], StepReason::OldLists)],
        };
        assert_eq!(error.to_string(), "nothing was set up: nobody confirmed 1 command");
        assert_eq!(error.output(), ["systemctl start docker"]);
        assert_eq!(error.exit(), Exit::Unusable);
    }

    #[test]
    fn what_a_package_manager_says_is_answered() {
        let failed = |line: &str| SetupError::CommandFailed {
            command: "apt-get install docker.io".to_owned(),
            status: "exit code 100".to_owned(),
            output: vec![line.to_owned()],
        };
        for line in [
            "E: You don't have enough free space in /var/cache/apt/archives/.",
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)",
            "E: Unable to locate package docker.io",
            "E: Failed to fetch http://mirror.example/debian/pool/d.deb  Could not resolve 'mirror.example'",
            "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
        ] {
            assert_eq!(failed(line).hints().len(), 1, "{line}");
        }
        assert_eq!(failed("E: Something else").hints(), [""; 0]);
    }
}
