//! Runs the commands of a plan in order and shows each before it runs.
//!
//! A second run after an interruption is safe, because a repeated step does no harm.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::event::{Event, Notice, Sink, Stage, StageSubject};
use crate::system;

use super::{EngineState, LOG, SetupError, SetupStep, StepProof, ping};

/// The time limit for an engine's start. Half a second is usual; the first start on a slow disk takes longer.
const ENGINE_START: Duration = Duration::from_mins(1);
/// The time after which an engine is visible as a process, or has already ended.
const ENGINE_BIRTH: Duration = Duration::from_secs(2);
/// The interval between two requests to the engine.
const ENGINE_POLL: Duration = Duration::from_millis(20);
/// The number of lines that are kept from a failed command.
const LAST_LINES: usize = 20;

/// Runs the steps. `endpoint` is the address at which the engine will answer.
///
/// # Errors
///
/// The first step that fails.
pub async fn apply(steps: &[SetupStep], endpoint: &str, sink: &dyn Sink) -> Result<(), SetupError> {
    if steps.is_empty() {
        return Ok(());
    }
    sink.emit(Event::Stage { stage: Stage::Setup, subject: StageSubject::EngineAndTools });
    for step in steps {
        run(step, endpoint, sink).await?;
    }
    let result = StageSubject::Machine { commands: steps.len() };
    sink.emit(Event::StageDone { stage: Stage::Setup, result });
    Ok(())
}

async fn run(step: &SetupStep, endpoint: &str, sink: &dyn Sink) -> Result<(), SetupError> {
    if step.proof == StepProof::EngineAnswers && ping(endpoint) != EngineState::Silent {
        return Ok(());
    }
    let line = step.to_string();
    sink.emit(Event::Command { line: line.clone() });
    let (status, output) = spawn(step, sink)
        .await
        .map_err(|error| SetupError::CommandNotRun { command: line.clone(), reason: error.to_string() })?;
    match step.proof {
        StepProof::EndsWell | StepProof::EngineAnswers if !status.success() => {
            Err(SetupError::CommandFailed { command: line, status: worded(status), output })
        }
        StepProof::None if !status.success() => {
            sink.emit(Notice::CommandFailed { line, status: worded(status) }.into());
            Ok(())
        }
        StepProof::EngineAnswers => wait_for_engine(line, endpoint).await,
        StepProof::EndsWell | StepProof::None => Ok(()),
    }
}

/// Runs the command to its end. All lines go to the sink; the last ones are returned.
async fn spawn(step: &SetupStep, sink: &dyn Sink) -> std::io::Result<(ExitStatus, Vec<String>)> {
    let (argv, input) = step.command();
    let mut command = system::async_command(&argv[0]);
    command.args(&argv[1..]);
    let mut lines = Vec::new();
    let status = system::run_lines(command, input, |line| {
        sink.emit(Event::BuildLog { step: argv.join(" "), line: line.clone() });
        if lines.len() == LAST_LINES {
            lines.remove(0);
        }
        lines.push(line);
    })
    .await?;
    Ok((status, lines))
}

/// Waits until the engine answers or ends.
async fn wait_for_engine(command: String, endpoint: &str) -> Result<(), SetupError> {
    let started = Instant::now();
    while ping(endpoint) == EngineState::Silent {
        let waited = started.elapsed();
        if waited > ENGINE_START || (waited > ENGINE_BIRTH && !engine_lives()) {
            return Err(SetupError::EngineSilent { command, endpoint: endpoint.to_owned(), output: last_words() });
        }
        tokio::time::sleep(ENGINE_POLL).await;
    }
    Ok(())
}

/// Whether a process of an engine exists.
fn engine_lives() -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut names = processes.filter_map(|process| std::fs::read_to_string(process.path().join("comm")).ok());
    names.any(|name| name.trim() == "dockerd")
}

/// The end of the log of an engine in the background.
fn last_words() -> Vec<String> {
    let bytes = std::fs::read(LOG).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].iter().map(|line| (*line).to_owned()).collect()
}

fn worded(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::StepReason;
    use std::cell::RefCell;

    #[derive(Default)]
    struct Seen(RefCell<Vec<Event>>);

    impl Sink for Seen {
        fn emit(&self, event: Event) {
            self.0.borrow_mut().push(event);
        }
    }

    fn applied(steps: &[SetupStep], endpoint: &str) -> (Result<(), SetupError>, Vec<Event>) {
        let seen = Seen::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let result = runtime.block_on(apply(steps, endpoint, &seen));
        (result, seen.0.into_inner())
    }

    const NOWHERE: &str = "unix:///nonexistent/engine.sock";

    #[test]
    fn each_command_is_shown_before_it_runs() {
        let (result, events) = applied(&[SetupStep::run(&["echo", "one", "two"], StepReason::OldLists)], NOWHERE);
        result.unwrap();
        let shown = events.iter().position(|event| *event == Event::Command { line: "echo one two".to_owned() });
        let printed =
            events.iter().position(|event| matches!(event, Event::BuildLog { line, .. } if line == "one two"));
        assert!(shown.unwrap() < printed.unwrap());
    }

    #[test]
    fn the_first_failure_ends_it_with_the_commands_last_lines() {
        let script = "for i in $(seq 30); do echo line $i; done; echo it is full >&2; exit 3";
        let steps = [
            SetupStep::run(&["sh", "-c", script], StepReason::OldLists),
            SetupStep::run(&["touch", "/nonexistent/never"], StepReason::OldLists),
        ];
        let (result, events) = applied(&steps, NOWHERE);
        let Err(SetupError::CommandFailed { status, output, .. }) = result else { panic!("{result:?}") };
        assert_eq!(status, "exit code 3");
        assert_eq!(output.len(), LAST_LINES);
        assert!(output.contains(&"it is full".to_owned()));
        assert_eq!(events.iter().filter(|event| matches!(event, Event::Command { .. })).count(), 1);
    }

    #[test]
    fn a_step_that_others_decide_about_may_fail_with_a_warning() {
        let (result, events) =
            applied(&[SetupStep::run(&["false"], StepReason::OldLists).proven_by(StepProof::None)], NOWHERE);
        result.unwrap();
        assert!(events.contains(&Event::from(Notice::CommandFailed {
            line: "false".to_owned(),
            status: "exit code 1".to_owned()
        })));
    }

    #[test]
    fn a_program_left_in_the_background_does_not_hold_up_the_rest() {
        let started = Instant::now();
        let (result, _) = applied(&[SetupStep::run(&["sh", "-c", "sleep 5 &"], StepReason::OldLists)], NOWHERE);
        result.unwrap();
        assert!(started.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn text_is_written_through_a_command_too() {
        let (result, _) =
            applied(&[SetupStep::write("/dev/null", "a line\n".to_owned(), StepReason::OldLists)], NOWHERE);
        result.unwrap();
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let (result, _) = applied(&[SetupStep::run(&["/nonexistent/apt-get"], StepReason::OldLists)], NOWHERE);
        assert!(matches!(result, Err(SetupError::CommandNotRun { command, .. }) if command == "/nonexistent/apt-get"));
    }
}
