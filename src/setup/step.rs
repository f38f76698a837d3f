//! One command of a plan, as a value that can be shown, compared and run.
//!
//! `ui` shows exactly the command that runs, in the form of a shell line.

use std::fmt;

use super::Need;
use crate::text::shell_word;

/// One command and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupStep {
    pub action: SetupAction,
    pub why: StepReason,
    /// The check that the step worked.
    pub proof: StepProof,
    /// Whether the command runs under `sudo`.
    pub sudo: bool,
}

/// The action of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupAction {
    /// Runs a program.
    Run {
        /// Additional variables.
        env: Vec<(&'static str, &'static str)>,
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// Writes a file.
    Write {
        path: &'static str,
        /// The complete text, which ends in a line break.
        text: String,
    },
}

/// The reason for a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepReason {
    /// The package lists can be old or missing.
    OldLists,
    /// These packages are missing.
    Missing(Vec<SetupPackage>),
    /// A file names a process that is not an engine, and prevents a start.
    StaleFile,
    /// The engine must run now and after each boot.
    EngineAtBoot,
    /// The engine must run in the background, because no service manager runs here.
    EngineInBackground,
    /// This user gets access to the engine.
    Membership { user: String },
    /// The package manager needs the key of NVIDIA's Container Toolkit.
    ToolkitKey,
    /// The package manager needs the repository of the toolkit.
    ToolkitRepository,
    /// The package manager needs the repository's list of packages.
    ToolkitLists,
    /// Containers need the toolkit to use GPUs.
    Toolkit,
    /// The engine's configuration must name the toolkit.
    ToolkitInEngine,
    /// The engine must read its configuration again.
    EngineRestart,
    /// The engine must run again after a stop.
    EngineAgain,
}

/// A Debian package that the setup installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupPackage {
    /// The container engine.
    Engine,
    /// The package of a missing program.
    Program(Need),
    /// `curl`, which downloads a repository's key.
    Curl,
}

impl SetupPackage {
    /// The name of the package.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Engine => "docker.io",
            Self::Program(Need::Iptables) => "iptables",
            Self::Program(Need::Ps) => "procps",
            Self::Program(Need::Pip) => "python3-pip",
            Self::Program(Need::SshClient) => "openssh-client",
            Self::Program(Need::Mmdebstrap) => "mmdebstrap",
            Self::Program(Need::UidMap) => "uidmap",
            Self::Program(Need::Certificates) => "ca-certificates",
            Self::Curl => "curl",
        }
    }
}

/// The check that a step worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepProof {
    /// The command succeeds.
    EndsWell,
    /// No check, because later steps decide: an old package list can still be sufficient.
    None,
    /// The engine answers. If it already does, the step does not run.
    EngineAnswers,
}

impl SetupStep {
    /// A program to run, as root.
    pub(super) fn run(argv: &[&str], why: StepReason) -> Self {
        let argv = argv.iter().map(|&word| word.to_owned()).collect();
        let action = SetupAction::Run { env: Vec::new(), argv };
        Self { action, why, proof: StepProof::EndsWell, sudo: false }
    }

    pub(super) fn write(path: &'static str, text: String, why: StepReason) -> Self {
        Self { action: SetupAction::Write { path, text }, why, proof: StepProof::EndsWell, sudo: false }
    }

    pub(super) fn with_env(mut self, name: &'static str, value: &'static str) -> Self {
        if let SetupAction::Run { env, .. } = &mut self.action {
            env.push((name, value));
        }
        self
    }

    pub(super) fn proven_by(mut self, proof: StepProof) -> Self {
        self.proof = proof;
        self
    }

    /// The program, its arguments and the text for its standard input.
    pub(super) fn command(&self) -> (Vec<String>, Option<&str>) {
        let mut argv = Vec::new();
        if self.sudo {
            argv.push("sudo".to_owned());
        }
        match &self.action {
            SetupAction::Run { env, argv: words } => {
                if !env.is_empty() {
                    argv.push("env".to_owned());
                    argv.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
                }
                argv.extend(words.iter().cloned());
                (argv, None)
            }
            SetupAction::Write { path, text } => {
                argv.extend(["tee".to_owned(), (*path).to_owned()]);
                (argv, Some(text))
            }
        }
    }
}

/// The command in the form of a shell line.
impl fmt::Display for SetupStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (argv, input) = self.command();
        if let Some(input) = input {
            write!(f, "printf '%s\\n' {} | ", shell_word(input.trim_end()))?;
        }
        let words: Vec<String> = argv.iter().map(|word| shell_word(word)).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_read_as_one_would_type_them() {
        let install = SetupStep::run(&["apt-get", "install", "-y", "docker.io"], StepReason::OldLists)
            .with_env("DEBIAN_FRONTEND", "noninteractive");
        assert_eq!(install.to_string(), "env DEBIAN_FRONTEND=noninteractive apt-get install -y docker.io");
        let with_sudo =
            SetupStep { sudo: true, ..SetupStep::run(&["systemctl", "start", "docker"], StepReason::OldLists) };
        assert_eq!(with_sudo.to_string(), "sudo systemctl start docker");
        let file = SetupStep {
            sudo: true,
            ..SetupStep::write("/etc/a.list", "deb [x] it's /\n".to_owned(), StepReason::OldLists)
        };
        assert_eq!(file.to_string(), r"printf '%s\n' 'deb [x] it'\''s /' | sudo tee /etc/a.list");
    }
}
