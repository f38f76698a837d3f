//! The `envctl` program: parses the command line, runs the command, prints the error and sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    envctl::run(std::env::args_os())
}
