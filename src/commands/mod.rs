//! One file for each verb: load, call, report.
//!
//! The decisions and effects of a verb are in the other rooms; a verb holds no logic.

use crate::cli::{self, Cli, Command};
use crate::system::System;

pub mod add;
pub mod build;
pub mod check;
pub mod completions;
pub mod config;
pub mod consent;
mod context;
pub mod doctor;
pub mod down;
pub mod exec;
pub mod host;
pub mod init;
#[cfg(test)]
mod lab;
pub mod lock;
pub mod logs;
pub mod matrix;
pub mod plan;
pub mod ps;
pub mod quickstart;
pub mod remove;
pub mod render;
pub mod restart;
pub mod setup;
pub mod ssh;
pub mod start;
pub mod status;
pub mod stop;
pub mod up;
pub mod verify;

pub use context::{Context, Ending, Outcome};

/// Runs the verb.
pub fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Completions(cli::CompletionsArgs { shell }) => completions::run(context, shell),
        Command::Init(arguments) => init::run(context, arguments.try_into()?),
        Command::Add(arguments) => add::run(context, &arguments.try_into()?),
        Command::Remove(arguments) => remove::run(context, &arguments.try_into()?),
        Command::Check(arguments) => check::run(context, &arguments.try_into()?),
        Command::Lock(arguments) => lock::run(context, &arguments.try_into()?),
        Command::Render(arguments) => render::run(context, &arguments.try_into()?),
        Command::Plan(cli::PlanArgs { build }) => plan::run(context, &build.try_into()?),
        Command::Build(cli::BuildArgs { build }) => build::run(context, &build.try_into()?),
        Command::Up(arguments) => up::run(context, &arguments.try_into()?),
        Command::Down(arguments) => down::run(context, &arguments.into()),
        Command::Start(arguments) => start::run(context, &arguments.into()),
        Command::Stop(arguments) => stop::run(context, &arguments.into()),
        Command::Restart(arguments) => restart::run(context, &arguments.into()),
        Command::Ssh(arguments) => ssh::run(context, &arguments.into()),
        Command::Exec(arguments) => exec::run(context, &arguments.try_into()?),
        Command::Verify(arguments) => verify::run(context, &arguments.into()),
        Command::Logs(arguments) => logs::run(context, &arguments.into()),
        Command::Ps(arguments) => ps::run(context, &arguments.into()),
        Command::Status(arguments) => status::run(context, &arguments.into()),
        Command::Host(arguments) => host::run(context, &arguments.try_into()?),
        Command::Doctor(cli::DoctorArgs {}) => doctor::run(context),
        Command::Setup(arguments) => setup::run(context, &arguments.into()),
        Command::Quickstart(arguments) => quickstart::run(context, &arguments.into()),
        Command::Matrix(arguments) => matrix::run(context, &arguments.try_into()?),
        Command::Config(arguments) => config::run(context, &arguments.into()),
    }
}

/// Returns the process with the directory that the command works in, before anything else is read.
#[must_use]
pub fn system_for(cli: &Cli, mut system: System) -> System {
    if let Some(directory) = &cli.global.directory {
        system.directory = system.directory.join(directory);
    }
    system
}
