//! Deep-learning environments that fit this driver and these GPUs.
//!
//! This library is the program: `main` calls [`run`] and nothing else, and the integration tests call the modules. It is no
//! API: every item may change with any release. What is stable is what the program reads and writes, which is the manifest,
//! the lock, `--json` and the exit codes; `docs/` describes them.
//!
//! Where to begin: [`manifest`] turns text into checked values, [`resolve`] answers what fits ([`resolve::Resolution`]) or
//! what clashes, [`lock`] writes the answer down, [`render`] makes the image's recipe of it, and [`reconcile`] brings the
//! container from what is observed to what is wanted. [`place`] is how verbs bring environments up and use them.
//! `ARCHITECTURE.md` follows the data through all modules.

pub mod address;
pub mod bootstrap;
pub mod cli;
pub mod commands;
pub mod connect;
pub mod digest;
pub mod doctor;
pub mod download;
pub mod engine;
pub mod error;
pub mod event;
pub mod files;
pub mod grants;
pub mod host;
pub mod lock;
pub mod manifest;
pub mod matrix;
pub mod packages;
pub mod parser;
pub mod place;
pub mod project;
pub mod reconcile;
pub mod render;
pub mod resolve;
pub mod settings;
pub mod setup;
pub mod system;
pub mod terminal;
pub mod ui;
pub mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// The whole program's life: arguments in, exit code out.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match cli::Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ui::usage(&error, &arguments),
    };
    let system = commands::system_for(&cli, system::System::of_process());
    let global = settings::Global::new(cli.global, &system);
    let printer = ui::Printer::new(global.clone(), system.stdin_terminal && system.stderr_terminal);
    let context = commands::Context { system, global, printer };
    let ending = commands::run(&context, cli.command);
    context.printer.finish();
    match ending {
        Ok(commands::Ending::Ours(exit)) => ExitCode::from(exit as u8),
        Ok(commands::Ending::Child(code)) => ExitCode::from(code),
        Err(error) => {
            context.printer.failure(&error);
            ExitCode::from(error.report().exit() as u8)
        }
    }
}
