//! Translates the command line into one plain, typed struct for each command.
//!
//! Every struct of `cli` is destructured in full, here or in the one list of verbs (`commands`), so that a new option
//! breaks the build until it has a meaning. No verb sees a clap type; `completions` alone takes the name of a shell.

mod build_verbs;
mod environment_verbs;
mod machine_verbs;
mod manifest_verbs;

use std::str::FromStr;

use crate::cli;
use crate::error::{Exit, Report};
use crate::grants::GrantError;
use crate::host::FactOverrides;
use crate::manifest::{LowestDriver, ValueError};
use crate::resolve::Overrides;
use crate::system::System;

pub use build_verbs::{Check, Consent, ImageSettings, LockSettings, Render, Up};
pub use environment_verbs::{Down, Exec, Logs, Ps, SshSettings, Start, Status, Stop, Verify};
pub use machine_verbs::{Config, Host, MatrixSettings, MatrixUpdate, Quickstart, Setup};
pub use manifest_verbs::{Add, Init, NamedFramework, Remove, framework};

/// A value on the command line does not match its option.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("`{option}` can't be `{found}`")]
    Value {
        option: &'static str,
        /// The given value.
        found: String,
        /// The accepted values.
        allowed: &'static str,
    },
    /// A value that its own type refuses.
    #[error("`{option}`: {error}")]
    Checked { option: &'static str, error: ValueError },
    /// An unknown grant.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

impl Report for SettingsError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Value { .. } | Self::Checked { .. } => "bad-argument",
            Self::Grant(error) => error.kind(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Value { allowed, .. } => vec![format!("it takes {allowed}")],
            Self::Checked { error, .. } => vec![format!("it takes {}", error.allowed)],
            Self::Grant(error) => error.hints(),
        }
    }
}

/// The settings of every command.
#[derive(Clone, Debug)]
pub struct Global {
    /// The engine's address, if it is given.
    pub engine: Option<String>,
    /// Whether to print one JSON document on standard output.
    pub json: bool,
    /// The form of the progress.
    pub progress: Progress,
    /// Whether standard error and standard output have colours.
    pub color: ColorChoice,
    /// The amount of messages.
    pub verbosity: Verbosity,
}

/// The form of the progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Moving bars.
    Bars,
    /// One line for each change.
    Lines,
    /// One JSON event in each line.
    Json,
    /// Nothing.
    Hidden,
}

/// The streams with colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorChoice {
    pub stdout: bool,
    pub stderr: bool,
}

/// The amount of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Results and errors.
    Quiet,
    /// Also the progress that a user waits for.
    Normal,
    /// Also details.
    Verbose,
    /// Also every line of a build.
    Trace,
}

impl Global {
    /// Decides them from the command line, `NO_COLOR` and the terminals.
    #[must_use]
    pub fn new(global: cli::GlobalArgs, system: &System) -> Self {
        // `directory` is already in `System`, because it is applied before anything else is read.
        let cli::GlobalArgs { directory: _, engine, json, progress, color, quiet, verbose } = global;
        let plain = system.variable("NO_COLOR").is_some() || system.variable("TERM") == Some("dumb");
        let color = match color {
            cli::ColorArg::Always => ColorChoice { stdout: true, stderr: true },
            cli::ColorArg::Never => ColorChoice { stdout: false, stderr: false },
            cli::ColorArg::Auto => {
                ColorChoice { stdout: system.stdout_terminal && !plain, stderr: system.stderr_terminal && !plain }
            }
        };
        let verbosity = match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Trace,
        };
        let bars = system.stderr_terminal && system.variable("TERM") != Some("dumb");
        let progress = match progress {
            cli::ProgressArg::Json => Progress::Json,
            _ if quiet => Progress::Hidden,
            cli::ProgressArg::Auto if bars => Progress::Bars,
            cli::ProgressArg::Plain | cli::ProgressArg::Auto => Progress::Lines,
        };
        Self { engine, json, progress, color, verbosity }
    }
}

/// Returns the machine that the command line describes.
fn overrides(target: cli::TargetArgs, cpu: bool) -> Result<Overrides, SettingsError> {
    let cli::TargetArgs { driver, gpu, compute_capability, arch, no_host } = target;
    let driver = driver.map(|text| checked::<LowestDriver>("--driver", &text)).transpose()?.map(|lowest| lowest.0);
    let capability = |text: &String| checked("--compute-capability", text);
    let capabilities = compute_capability.iter().map(capability).collect::<Result<_, _>>()?;
    let arch = arch.map(|text| checked("--arch", &text)).transpose()?;
    let machine = FactOverrides { driver, gpus: gpu, capabilities, arch };
    Ok(Overrides { machine, no_host, facts: false, cpu, allow_unknown: false })
}

/// Parses the value of an option by its own type.
fn checked<T: FromStr<Err: Into<ValueError>>>(option: &'static str, text: &str) -> Result<T, SettingsError> {
    text.parse().map_err(|error: T::Err| SettingsError::Checked { option, error: error.into() })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// The settings of `ps` with these options and variables, on a terminal or not.
    fn global(words: &[&str], variables: &[(&str, &str)], is_terminal: bool) -> (bool, Progress, Verbosity) {
        let mut system = System { stdout_terminal: is_terminal, stderr_terminal: is_terminal, ..System::for_tests() };
        system.variables.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let words = ["envctl"].into_iter().chain(words.iter().copied()).chain(["ps"]);
        let Global { progress, color, verbosity, .. } =
            Global::new(cli::Cli::try_parse_from(words).unwrap().global, &system);
        assert_eq!(color.stdout, color.stderr);
        (color.stdout, progress, verbosity)
    }

    #[test]
    fn driver_takes_what_the_manifest_takes() {
        let driver = |text: &str| {
            let words = ["envctl", "host", "--driver", text];
            let cli::Command::Host(host) = cli::Cli::try_parse_from(words).unwrap().command else { unreachable!() };
            overrides(host.target, false).map(|overrides| overrides.machine.driver.unwrap().to_string())
        };
        assert_eq!(driver(">=535").unwrap(), "535");
        assert_eq!(driver("535.104.05").unwrap(), "535.104.05");
        for bad in ["<535", ">=>=535", "new"] {
            assert!(matches!(driver(bad), Err(SettingsError::Checked { option: "--driver", .. })), "{bad}");
        }
    }

    #[test]
    fn an_option_wins_over_a_variable_and_a_variable_over_the_terminal() {
        use Progress::{Bars, Hidden, Json, Lines};
        use Verbosity::{Normal, Quiet, Trace, Verbose};
        let (none, dumb) = ([("NO_COLOR", "1")], [("TERM", "dumb")]);
        for (words, variables, is_terminal, expected) in [
            (&[][..], &[][..], true, (true, Bars, Normal)),
            (&[], &[], false, (false, Lines, Normal)),
            (&[], &none, true, (false, Bars, Normal)),
            (&[], &dumb, true, (false, Lines, Normal)),
            (&["--color", "always"], &none, false, (true, Lines, Normal)),
            (&["--color", "never"], &[], true, (false, Bars, Normal)),
            (&["--progress", "plain"], &[], true, (true, Lines, Normal)),
            (&["-q"], &[], true, (true, Hidden, Quiet)),
            (&["-q", "--progress", "json"], &[], true, (true, Json, Quiet)),
            (&["-v"], &[], true, (true, Bars, Verbose)),
            (&["-vvv"], &[], false, (false, Lines, Trace)),
        ] {
            assert_eq!(global(words, variables, is_terminal), expected, "{words:?} {variables:?} {is_terminal}");
        }
    }
}
