//! The `envctl` program: parse, run, print the error, set the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    envctl::run(std::env::args_os())
}
