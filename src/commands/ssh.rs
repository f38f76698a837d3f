//! `ssh`

use std::os::unix::process::CommandExt;

use crate::connect::{ConnectError, client};
use crate::engine::docker::Docker;
use crate::reconcile::lifecycle;
use crate::settings;
use crate::system::command;

use super::{Context, Outcome};

/// Runs the verb: becomes `ssh`, so that terminal, signals and exit code are ssh's own.
pub fn run(context: &Context, settings: &settings::Ssh) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    if !environment.manifest.ssh.enabled {
        return Err(ConnectError::Disabled.into());
    }
    context.block_on(async {
        let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
        lifecycle::find_running(&engine, &environment.id).await
    })?;
    let endpoint = lifecycle::endpoint(&environment.state()?).ok_or(ConnectError::Unknown)?;
    let program = context.system.find_program("ssh").ok_or(ConnectError::NoClient)?;
    let call = client::call(&endpoint, &settings.arguments)?;
    let mut ssh = command(program);
    if let Some(directory) = call.directory {
        ssh.current_dir(directory);
    }
    let error = ssh.args(call.arguments).exec();
    Err(ConnectError::ClientNotRun { reason: error.to_string() }.into())
}
