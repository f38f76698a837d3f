//! `envctl exec`: runs a command in the environment, without SSH.
//!
//! Its exit code is the exit code of the command.

use std::io;

use crate::error::{Error, Exit, Report, Result, Snippet};
use crate::place::{Place, Session, SessionEnd, SessionRequest, SessionStreams};
use crate::project::Environment;
use crate::settings;
use crate::terminal::{self, Raw, TerminalInput};

use super::context::{Context, Ending, Outcome};

/// The exit code of a shell if the reader of its output closed it: 128 and the signal's number.
const BROKEN_PIPE: u8 = 141;

/// Runs the verb. The exit code is the command's; failures of envctl have separate codes, as in Docker.
pub fn run(context: &Context, settings: &settings::Exec) -> Outcome {
    run_command(context, settings).map_err(|error| OwnFailure(error).into())
}

fn run_command(context: &Context, settings: &settings::Exec) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    run_inside(context, &context.place()?, &environment, settings)
}

fn run_inside(context: &Context, place: &impl Place, environment: &Environment, settings: &settings::Exec) -> Outcome {
    let request = session_request(context, settings);
    let session = context.block_on(place.open_session(environment, &request))?;
    let (signal, outcome) = match context.block_on(join_session(&session, request.tty)) {
        Ok(SessionEnd::Command(code)) => return Ok(Ending::Child(exit_code(code))),
        Ok(SessionEnd::Unread) => ("PIPE", Ok(Ending::Child(BROKEN_PIPE))),
        Err(error) => match passed_on(error.report().exit(), request.tty) {
            Some(signal) => (signal, Err(error)),
            None => return Err(error),
        },
    };
    // A place may let the command run after its output is closed. The result of this call does not matter.
    context.clean_up(session.signal(signal));
    outcome
}

fn session_request(context: &Context, settings: &settings::Exec) -> SessionRequest {
    let settings::Exec { manifest: _, root, no_tty, workdir, env, command } = settings.clone();
    let tty = !no_tty && context.system.stdin_terminal && context.system.stdout_terminal;
    let term = context.system.variable("TERM").map(str::to_owned);
    SessionRequest { command, root, workdir, env, tty, term }
}

/// Returns the signal to send to the command after this process was asked to end. A shell at a terminal reacts only
/// to the loss of the terminal.
fn passed_on(exit: Exit, tty: bool) -> Option<&'static str> {
    match exit {
        Exit::Interrupted => Some("INT"),
        Exit::HungUp => Some("HUP"),
        Exit::Terminated => Some(if tty { "HUP" } else { "TERM" }),
        _ => None,
    }
}

/// Runs the command with the caller's streams until it ends.
async fn join_session(session: &impl Session, tty: bool) -> Result<SessionEnd> {
    let resizes = if tty { Some(terminal::sizes().map_err(TerminalUnusable)?) } else { None };
    let _raw = if tty { Some(Raw::enter().map_err(TerminalUnusable)?) } else { None };
    let streams = SessionStreams {
        stdin: Box::new(TerminalInput::open()),
        stdout: Box::new(tokio::io::stdout()),
        stderr: Box::new(tokio::io::stderr()),
        resizes,
    };
    session.join(streams).await
}

/// The command cannot use the caller's terminal.
#[derive(Debug, thiserror::Error)]
#[error("can't use the terminal: {0}")]
struct TerminalUnusable(io::Error);

impl Report for TerminalUnusable {
    fn kind(&self) -> &'static str {
        "io"
    }

    fn hints(&self) -> Vec<String> {
        vec!["`envctl exec --no-tty` runs the command without a terminal".to_owned()]
    }
}

/// Returns the exit code of a process, which has eight bits.
fn exit_code(code: i64) -> u8 {
    u8::try_from(code & 0xff).unwrap_or(u8::MAX)
}

/// A failure of envctl, with an exit code that differs from the command's own codes.
struct OwnFailure(Error);

impl Report for OwnFailure {
    fn kind(&self) -> &'static str {
        self.0.report().kind()
    }

    fn exit(&self) -> Exit {
        match self.0.report().exit() {
            told @ (Exit::NotExecutable | Exit::NotFound) => told,
            told if told.is_by_signal() => told,
            _ => Exit::Exec,
        }
    }

    fn hints(&self) -> Vec<String> {
        self.0.report().hints()
    }

    fn snippets(&self) -> Vec<Snippet> {
        self.0.report().snippets()
    }

    fn parts(&self) -> Vec<&dyn Report> {
        self.0.report().parts()
    }

    fn output(&self) -> Vec<String> {
        self.0.report().output()
    }

    fn json(&self) -> Option<(&'static str, serde_json::Value)> {
        self.0.report().json()
    }
}

impl std::error::Error for OwnFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.report().source()
    }
}

impl std::fmt::Debug for OwnFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, f)
    }
}

impl std::fmt::Display for OwnFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::context::Interrupted;
    use crate::commands::lab::Lab;
    use crate::engine::EngineError;
    use crate::place::RunState;
    use crate::system::signals::EndSignal;
    use crate::ui::shown_errors::shown_errors;

    #[test]
    fn errors_of_the_callers_side() {
        let not_a_terminal = || io::Error::from_raw_os_error(25);
        let alone = shown_errors(&[TerminalUnusable(not_a_terminal())]);
        let with_code = shown_errors(&[OwnFailure(TerminalUnusable(not_a_terminal()).into())]);
        insta::assert_snapshot!(alone + "\n" + &with_code);
    }

    fn executed(lab: &Lab) -> Outcome {
        let settings = settings::Exec {
            manifest: None,
            root: true,
            no_tty: false,
            workdir: Some("/srv".to_owned()),
            env: vec![("A".parse().unwrap(), "1".to_owned())],
            command: vec!["id".to_owned()],
        };
        run_inside(&lab.context, &lab.place, &lab.environment, &settings)
    }

    #[test]
    fn the_place_gets_what_was_asked_for_and_the_commands_code_is_ours() {
        let lab = Lab::with(RunState::Running);
        lab.place.end.set(Some(SessionEnd::Command(7)));
        assert_eq!(executed(&lab).unwrap(), Ending::Child(7));
        let request = r#"SessionRequest { command: ["id"], root: true, workdir: Some("/srv"), env: [(EnvName("A"), "1")], tty: false, term: None }"#;
        assert_eq!(lab.calls(), [format!("open session: {request}")]);
    }

    #[test]
    fn a_command_whose_output_nobody_reads_is_ended() {
        let lab = Lab::with(RunState::Running);
        lab.place.end.set(Some(SessionEnd::Unread));
        assert_eq!(executed(&lab).unwrap(), Ending::Child(BROKEN_PIPE));
        assert_eq!(lab.calls().last().unwrap(), "signal PIPE");
    }

    #[test]
    fn nothing_runs_in_what_is_stopped() {
        let error = executed(&Lab::with(RunState::Ended { code: 0 })).unwrap_err();
        assert_eq!(error.report().kind(), "not-running");
    }

    #[test]
    fn own_failures_have_codes_of_their_own() {
        let exit = |error: EngineError| OwnFailure(error.into()).exit();
        let not_run = |code| EngineError::CommandNotRun { command: "x".into(), reason: String::new(), code };
        assert_eq!(exit(not_run(127)), Exit::NotFound);
        assert_eq!(exit(not_run(126)), Exit::NotExecutable);
        assert_eq!(exit(EngineError::NoContainer { name: "x".into() }), Exit::Exec);
        let interrupted = Interrupted { signal: EndSignal::Hangup };
        assert_eq!(OwnFailure(interrupted.into()).exit(), Exit::HungUp);
        assert_eq!(exit_code(256 + 7), 7);
    }
}
