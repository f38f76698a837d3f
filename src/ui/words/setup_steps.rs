//! Describes the purpose of each set-up command, and the reasons why a machine cannot be set up.
//!
//! The user reads them before a command runs.

use super::pieces::listed;
use crate::setup::{MissingPart, Need, SetupPackage, StepReason};

/// Describes the purpose of a command briefly.
pub(in crate::ui) fn step_reason(why: &StepReason) -> String {
    let words = match why {
        StepReason::OldLists => "the package lists may be old or missing",
        StepReason::Missing(packages) => return packages.iter().copied().map(package).collect::<Vec<_>>().join(", "),
        StepReason::StaleFile => "it names a process that is no engine, which keeps one from starting",
        StepReason::EngineAtBoot => "the container engine, now and after each boot",
        StepReason::EngineInBackground => "the container engine, in the background: no service manager runs here",
        StepReason::Membership { user } => {
            return format!(
                "`{user}` is permitted to use the engine, which is as powerful as root, from the next login on"
            );
        }
        StepReason::ToolkitKey => "the key of NVIDIA's repository",
        StepReason::ToolkitRepository => "NVIDIA's repository",
        StepReason::ToolkitLists => "the new repository's package list",
        StepReason::Toolkit => "GPUs in containers",
        StepReason::ToolkitInEngine => "the engine's configuration names the toolkit",
        StepReason::EngineRestart => {
            "the engine looks for the toolkit when it starts; containers that run now are stopped by it"
        }
        StepReason::EngineAgain => "the engine again",
    };
    words.to_owned()
}

/// `procps for listing what runs in a container`
fn package(package: SetupPackage) -> String {
    let purpose = match package {
        SetupPackage::Engine => "the container engine",
        SetupPackage::Program(Need::Iptables) => "the engine's networks",
        SetupPackage::Program(Need::Ps) => "listing what runs in a container",
        SetupPackage::Program(Need::Pip) => "fetching the package resolver",
        SetupPackage::Program(Need::SshClient) => "`ssh`",
        SetupPackage::Program(Need::Mmdebstrap) => "base images where no registry can be reached",
        SetupPackage::Program(Need::UidMap) => "making base images without root",
        SetupPackage::Program(Need::Certificates) => "HTTPS",
        SetupPackage::Curl => "fetching a repository's key",
    };
    format!("{} for {purpose}", package.name())
}

/// Describes the error for a distribution with an unknown package manager.
pub(super) fn cannot_set_up(distribution: Option<&str>, missing: &[MissingPart]) -> String {
    let distribution =
        distribution.map_or_else(|| "a distribution that does not say its name".to_owned(), |name| format!("`{name}`"));
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let missing = missing.iter().map(|part| part_name(*part)).collect::<Vec<_>>();
    format!("can't set up {distribution}: {} {verb} missing", listed(&missing))
}

fn part_name(part: MissingPart) -> &'static str {
    match part {
        MissingPart::Engine => "a container engine",
        MissingPart::Program(Need::Iptables) => "`iptables`",
        MissingPart::Program(Need::Ps) => "`ps`",
        MissingPart::Program(Need::Pip) => "`python3 -m pip`",
        MissingPart::Program(Need::SshClient) => "`ssh`",
        MissingPart::Program(Need::Mmdebstrap) => "`mmdebstrap`",
        MissingPart::Program(Need::UidMap) => "`newuidmap`",
        MissingPart::Program(Need::Certificates) => "the bundle of certificate authorities",
        MissingPart::Toolkit => "the NVIDIA Container Toolkit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_says_what_it_is_for() {
        let programs =
            [Need::Iptables, Need::Ps, Need::Pip, Need::SshClient, Need::Mmdebstrap, Need::UidMap, Need::Certificates];
        let packages = [SetupPackage::Engine, SetupPackage::Curl].into_iter();
        let reasons = [
            StepReason::OldLists,
            StepReason::Missing(packages.chain(programs.map(SetupPackage::Program)).collect()),
            StepReason::StaleFile,
            StepReason::EngineAtBoot,
            StepReason::EngineInBackground,
            StepReason::Membership { user: "ada".to_owned() },
            StepReason::ToolkitKey,
            StepReason::ToolkitRepository,
            StepReason::ToolkitLists,
            StepReason::Toolkit,
            StepReason::ToolkitInEngine,
            StepReason::EngineRestart,
            StepReason::EngineAgain,
        ];
        insta::assert_snapshot!(reasons.iter().map(step_reason).collect::<Vec<_>>().join("\n"));
    }
}
