//! `envctl quickstart`: sets the machine up if necessary, brings an example up, and computes a result in it over SSH.
//!
//! At the end it shows the next commands for the user.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::connect::{ConnectError, Endpoint, client};
use crate::error::{Exit, Report, Result};
use crate::event::{Event, Notice, Sink, Stage, StageSubject};
use crate::files::{FileError, RootedDirectory};
use crate::place::{self, Place};
use crate::project::Environment;
use crate::reconcile::finish::UpOutcome;
use crate::settings;
use crate::system::command;
use crate::ui;

use super::context::{Context, Outcome};
use super::setup::{self, CommandConsent};
use super::up;

/// The example, as in the repository.
const FILES: [(&str, &str); 2] = [
    ("envctl.toml", include_str!("../../examples/quickstart/envctl.toml")),
    ("compute.py", include_str!("../../examples/quickstart/compute.py")),
];

/// The failures of this verb.
#[derive(Debug, thiserror::Error)]
enum QuickstartError {
    #[error("can't write the example to `{}`: {reason}", path.display())]
    Unwritable { path: PathBuf, reason: String },
    #[error("the example did not compute over SSH (exit code {code})")]
    NotComputed { code: i32, said: Vec<String> },
}

impl Report for QuickstartError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Unwritable { .. } => "unwritable",
            Self::NotComputed { .. } => "not-computed",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Unwritable { .. } => vec!["name a directory for it: `envctl quickstart DIR`".to_owned()],
            Self::NotComputed { .. } => vec!["look for what is wrong with this machine: `envctl doctor`".to_owned()],
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::Unwritable { .. } => Vec::new(),
            Self::NotComputed { said, .. } => said.clone(),
        }
    }
}

/// Runs the verb.
pub fn run(context: &Context, settings: &settings::Quickstart) -> Outcome {
    let directory = context.system.directory.join(&settings.path);
    write_example(context, &directory)?;
    setup::set_up(context, if settings.yes { CommandConsent::Given } else { CommandConsent::Ask })?;
    let environment = context.environment(Some(&directory.join("envctl.toml")))?;
    let brought = bring_up(context, &context.place()?, &environment, settings)?;
    let endpoint = brought.endpoint.as_ref().ok_or(ConnectError::Disabled)?;
    let computed = compute_inside(context, endpoint)?;
    report_quickstart(context, &environment, &brought, &computed, &settings.path);
    Ok(Exit::Done.into())
}

/// Writes the missing files. An existing file belongs to the user and stays as it is.
fn write_example(context: &Context, directory: &Path) -> Result<(), QuickstartError> {
    let unwritable =
        |error: FileError| QuickstartError::Unwritable { path: error.path, reason: error.problem.to_string() };
    let made = std::fs::create_dir_all(directory).map_err(|error| FileError::write(directory, error.into()));
    let rooted = made.and_then(|()| RootedDirectory::open(directory)).map_err(unwritable)?;
    for (name, text) in FILES {
        let path = directory.join(name);
        if path.symlink_metadata().is_err() {
            rooted.replace(name, text.as_bytes(), 0o644).map_err(unwritable)?;
            context.emit(Notice::Wrote(path).into());
        }
    }
    Ok(())
}

/// Brings the example up with a base from a registry; if none is reachable, from the distribution's own packages.
fn bring_up(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::Quickstart,
) -> Result<UpOutcome> {
    let wanted = |bootstrap| settings.up(environment.project.manifest.clone(), bootstrap);
    // A base that was made locally is used again, so that later runs do not wait for an unreachable registry.
    let made_here = settings.bootstrap || environment.state().is_ok_and(|state| state.bootstrapped);
    match up::bring_up(context, place, environment, &wanted(made_here)) {
        Err(error) if !made_here && place::is_registry_unreachable(&error) => {
            context.emit(Notice::NoRegistry.into());
            up::bring_up(context, place, environment, &wanted(true))
        }
        brought => brought,
    }
}

/// Runs the example's program as a user would, and returns its output.
fn compute_inside(context: &Context, endpoint: &Endpoint) -> Result<String> {
    let program = context.system.find_program("ssh").ok_or(ConnectError::NoClient)?;
    let script = format!("{}/compute.py", endpoint.workspace.as_deref().unwrap_or("."));
    let subject = StageSubject::Named(format!("ssh {} python {script}", endpoint.name()));
    context.emit(Event::Stage { stage: Stage::Compute, subject: subject.clone() });
    let words = ["-T", "--", "python", &script].map(str::to_owned);
    let call = client::client_call(endpoint, &words)?;
    let mut ssh = command(program);
    if let Some(directory) = call.directory {
        ssh.current_dir(directory);
    }
    let output = ssh
        .args(call.arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| ConnectError::ClientNotRun { reason: error.to_string() })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect();
        return Err(QuickstartError::NotComputed { code: output.status.code().unwrap_or(-1), said }.into());
    }
    context.emit(Event::StageDone { stage: Stage::Compute, result: subject });
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

fn report_quickstart(context: &Context, environment: &Environment, brought: &UpOutcome, computed: &str, path: &Path) {
    let printer = &context.printer;
    if printer.json() {
        let document = json!({
            "schema": 1, "ok": true, "id": environment.id, "directory": environment.project.root,
            "computed": computed, "endpoint": brought.endpoint,
        });
        printer.document(&document);
        return;
    }
    printer.result(&format!("\n{}\n\n", printer.paint().bold(computed)));
    up::report_up(context, environment, brought);
    printer.result(&ui::brought_up_example(path));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;
    use crate::engine::EngineError;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_the_example() {
        let errors = each_variant![QuickstartError;
            Unwritable { path: "/srv/example".into(), reason: "Read-only file system (os error 30)".to_owned() },
            NotComputed { code: 1, said: vec!["ModuleNotFoundError: No module named 'torch'".to_owned()] },
        ];
        insta::assert_snapshot!(shown_errors(&errors));
    }

    #[test]
    fn without_a_registry_the_base_is_made_from_packages() {
        let lab = Lab::new();
        let unreachable =
            EngineError::RegistryUnreachable { reference: "debian:12".to_owned(), reason: "no such host".to_owned() };
        *lab.place.fault.borrow_mut() = Some(unreachable.into());
        let settings = settings::Quickstart { yes: true, path: PathBuf::from("."), bootstrap: false };
        bring_up(&lab.context, &lab.place, &lab.environment, &settings).unwrap();
        assert_eq!(lab.calls(), ["bring up ID", "bring up ID, bases made there"]);
    }
}
