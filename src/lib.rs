//! Deep-learning environments that fit this driver and these GPUs.
//!
//! This library is the program: `main` only calls [`run`], and the integration tests call the modules. It is no public
//! API: every item can change in any release. The files and outputs of the program are stable: the manifest, the lock,
//! `--json` and the exit codes. `docs/` describes them.
//!
//! Begin with these modules. [`manifest`] turns text into checked values. [`resolve`] returns an answer that fits
//! ([`resolve::Resolution`]) or the conflict. [`lock`] stores the answer, and [`render`] turns it into the image's
//! recipe. [`reconcile`] brings the container from the observed to the desired state. [`place`] is the interface
//! through which verbs use environments. `ARCHITECTURE.md` follows the data through all modules.

pub mod address;
pub mod bootstrap;
pub mod cli;
pub mod commands;
pub mod connect;
pub mod digest;
pub mod doctor;
pub mod download;
pub mod draft;
pub mod engine;
pub mod error;
pub mod event;
pub mod files;
pub mod foreign;
pub mod grants;
pub mod host;
pub mod lock;
pub mod manifest;
pub mod matrix;
pub mod packages;
pub mod parser;
pub mod place;
pub mod project;
pub mod proof;
pub mod reconcile;
pub mod render;
pub mod resolve;
pub mod settings;
pub mod setup;
pub mod system;
pub mod terminal;
pub mod text;
pub mod ui;
pub mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

impl From<error::Exit> for ExitCode {
    fn from(exit: error::Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the program: takes the arguments and returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match cli::Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ui::usage(&error, &arguments).into(),
    };
    let system = commands::system_for(&cli, system::System::of_process());
    let global = settings::Global::new(cli.global, &system);
    let printer = ui::Printer::new(global.clone(), system.stdin_terminal && system.stderr_terminal);
    let context = commands::Context { system, global, printer };
    let ending = commands::run(&context, cli.command);
    context.printer.finish();
    match ending {
        Ok(commands::Ending::Ours(exit)) => exit.into(),
        Ok(commands::Ending::Child(code)) => ExitCode::from(code),
        Err(error) => {
            context.printer.failure(&error);
            error.report().exit().into()
        }
    }
}
