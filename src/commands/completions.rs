//! `envctl completions`: prints a completion script for a shell.
//!
//! The script is made from the command line's own definition.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::error::Exit;

use super::context::{Context, Outcome};

/// Prints the script. It is text for a shell, even with `--json`.
pub fn run(context: &Context, shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "envctl", &mut script);
    context.printer.raw(&script);
    Ok(Exit::Done.into())
}
