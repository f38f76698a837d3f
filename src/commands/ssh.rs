//! `envctl ssh`: enters the environment through the SSH client.
//!
//! This process becomes `ssh`, so that terminal, signals and exit code are those of ssh.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::connect::{ConnectError, client};
use crate::error::Result;
use crate::place::Place;
use crate::project::Environment;
use crate::settings;
use crate::system::command;

use super::context::{Context, Outcome};

/// Runs the verb. This process becomes `ssh`, so that terminal, signals and exit code are those of ssh.
pub fn run(context: &Context, settings: &settings::SshSettings) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    if !environment.manifest.ssh.enabled {
        return Err(ConnectError::Disabled.into());
    }
    let error = client_call(context, &context.place()?, &environment, settings)?.exec();
    Err(ConnectError::ClientNotRun { reason: error.to_string() }.into())
}

/// Returns the call of the user's client for the environment.
fn client_call(
    context: &Context,
    place: &impl Place,
    environment: &Environment,
    settings: &settings::SshSettings,
) -> Result<Command> {
    let endpoint = context.block_on(place.endpoint(environment))?;
    let program = context.system.find_program("ssh").ok_or(ConnectError::NoClient)?;
    let call = client::client_call(&endpoint, &settings.arguments)?;
    let mut ssh = command(program);
    if let Some(directory) = call.directory {
        ssh.current_dir(directory);
    }
    ssh.args(call.arguments);
    Ok(ssh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::lab::Lab;
    use crate::connect::entry;
    use crate::place::RunState;

    fn called(lab: &Lab, arguments: &[&str]) -> Result<Vec<String>> {
        let arguments = arguments.iter().map(|&word| word.to_owned()).collect();
        let ssh = client_call(
            &lab.context,
            &lab.place,
            &lab.environment,
            &settings::SshSettings { manifest: None, arguments },
        )?;
        Ok(ssh.get_args().map(|word| word.to_string_lossy().into_owned()).collect())
    }

    #[test]
    fn ssh_is_called_for_the_way_in_that_the_place_names() {
        let lab = Lab::with(RunState::Running).entered_by(&entry::sample());
        let words = called(&lab, &["-L", "8888:localhost:8888", "nvidia-smi"]).unwrap();
        assert!(words.contains(&"Port=2222".to_owned()), "{words:?}");
        assert_eq!(words.last().unwrap(), "nvidia-smi");
        assert_eq!(lab.calls(), ["endpoint ID"]);
    }

    #[test]
    fn what_does_not_run_is_not_entered() {
        let stopped = Lab::with(RunState::Ended { code: 0 }).entered_by(&entry::sample());
        assert_eq!(called(&stopped, &[]).unwrap_err().report().kind(), "not-running");
        assert_eq!(called(&Lab::with(RunState::Running), &[]).unwrap_err().report().kind(), "unknown-endpoint");
    }
}
