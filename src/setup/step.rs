//! One command of a plan, as a value that can be shown, compared and run.

use std::fmt;

use super::Need;
use crate::error::shell_word;

/// One command and why it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupStep {
    /// What is done.
    pub action: SetupAction,
    /// What for.
    pub why: StepReason,
    /// How it is known to have worked.
    pub proof: StepProof,
    /// Whether `sudo` goes in front.
    pub sudo: bool,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupAction {
    /// Runs a program.
    Run {
        /// Variables it gets in addition.
        env: Vec<(&'static str, &'static str)>,
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// Writes a file.
    Write {
        path: &'static str,
        /// The whole text, ending in a line break.
        text: String,
    },
}

/// What a step is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepReason {
    /// The lists of packages may be old or missing.
    OldLists,
    /// These packages are missing.
    Missing(Vec<SetupPackage>),
    /// A file names a process that is no engine, which keeps one from starting.
    StaleFile,
    /// The engine runs, now and after each boot.
    EngineAtBoot,
    /// The engine runs in the background, because no service manager runs here.
    EngineInBackground,
    /// This user gets the use of the engine.
    Membership { user: String },
    /// The key of the repository of NVIDIA's Container Toolkit.
    ToolkitKey,
    /// That repository.
    ToolkitRepository,
    /// Its list of packages.
    ToolkitLists,
    /// GPUs in containers.
    Toolkit,
    /// The engine's configuration names the toolkit.
    ToolkitInEngine,
    /// The engine reads its configuration again.
    EngineRestart,
    /// The engine runs again after it was stopped.
    EngineAgain,
}

/// A package of Debian's that the set-up installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupPackage {
    /// The container engine.
    Engine,
    /// The package of a program that is missing.
    Program(Need),
    /// `curl`, which fetches a repository's key.
    Curl,
}

impl SetupPackage {
    /// Its name.
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

/// How a step is known to have worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepProof {
    /// It ends well.
    EndsWell,
    /// What comes after it decides: a package list that can't be renewed may still hold what is needed.
    None,
    /// The engine answers. Where it does so already, the step is not run.
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

    /// The program and its arguments, and what is written to its standard input.
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

/// As one would type it into a shell.
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
