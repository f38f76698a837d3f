//! Describes the stages that a user waits for, and their progress.
//!
//! A stage says what envctl does now.

use crate::event::{Stage, StageSubject, TransferAction};

/// Returns the verb for a running stage.
pub(in crate::ui) fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Resolve => "Resolving",
        Stage::Packages => "Locking",
        Stage::Bootstrap => "Bootstrapping",
        Stage::Build => "Building",
        Stage::Create => "Creating",
        Stage::Start => "Starting",
        Stage::Connect => "Connecting",
        Stage::Stop => "Stopping",
        Stage::Remove => "Removing",
        Stage::Setup => "Setting up",
        Stage::Compute => "Computing",
        Stage::Verify => "Verifying",
    }
}

/// Returns the verb for a completed stage.
pub(in crate::ui) fn done(stage: Stage) -> &'static str {
    match stage {
        Stage::Resolve => "Resolved",
        Stage::Packages => "Locked",
        Stage::Bootstrap => "Bootstrapped",
        Stage::Build => "Built",
        Stage::Create => "Created",
        Stage::Start => "Started",
        Stage::Connect => "Connected",
        Stage::Stop => "Stopped",
        Stage::Remove => "Removed",
        Stage::Setup => "Set up",
        Stage::Compute => "Computed",
        Stage::Verify => "Verified",
    }
}

/// Describes the subject or the result of a stage.
pub(in crate::ui) fn stage_subject(subject: &StageSubject) -> String {
    match subject {
        StageSubject::Named(name) => name.clone(),
        StageSubject::Stack => "frameworks, CUDA, Python and base".to_owned(),
        StageSubject::Frameworks(frameworks) => frameworks.join(", "),
        StageSubject::Python(version) => format!("Python {version}"),
        StageSubject::Packages(count) => counted(*count, "package"),
        StageSubject::LibrariesAndFrameworks => "shared libraries and frameworks".to_owned(),
        StageSubject::EngineAndTools => "the container engine and its tools".to_owned(),
        StageSubject::Machine { commands } => format!("this machine ({})", counted(*commands, "command")),
    }
}

/// Returns the verb for a transfer of bytes.
pub(in crate::ui) fn transfer_action(action: TransferAction) -> &'static str {
    match action {
        TransferAction::Downloading => "downloading",
        TransferAction::Extracting => "extracting",
        TransferAction::Transferring => "transferring",
        TransferAction::Done => "done",
        TransferAction::Pulling => "pulling",
        TransferAction::Loading => "loading",
    }
}

/// `1 package`, `2 packages`
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_and_its_subject() {
        let stages = [
            Stage::Resolve,
            Stage::Packages,
            Stage::Bootstrap,
            Stage::Build,
            Stage::Create,
            Stage::Start,
            Stage::Connect,
            Stage::Stop,
            Stage::Remove,
            Stage::Setup,
            Stage::Compute,
            Stage::Verify,
        ];
        let subjects = [
            StageSubject::Named("envctl-lab".to_owned()),
            StageSubject::Stack,
            StageSubject::Frameworks(vec!["pytorch 2.4.1".to_owned(), "jax 0.7.0".to_owned()]),
            StageSubject::Python("3.12".to_owned()),
            StageSubject::Packages(1),
            StageSubject::Packages(84),
            StageSubject::EngineAndTools,
            StageSubject::Machine { commands: 1 },
            StageSubject::Machine { commands: 3 },
        ];
        let stages = stages.iter().map(|stage| format!("{}, {}", doing(*stage), done(*stage)));
        let lines = stages.chain(subjects.iter().map(stage_subject)).collect::<Vec<_>>();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
