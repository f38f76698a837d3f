//! `exec`

use std::io;
use std::time::Duration;

use crate::engine::docker::Docker;
use crate::engine::{ContainerState, Engine, EngineError, ExecIo, ExecSpec};
use crate::error::{Error, Exit, Report, Result, Snippet};
use crate::reconcile::identity::ROOT_PATH;
use crate::reconcile::lifecycle;
use crate::render::carried;
use crate::settings;
use crate::terminal::{self, Input, Raw};

use super::{Context, Ending, Outcome};

/// What a shell gives where the reader of its output went away: 128 and the number of the signal.
const BROKEN_PIPE: u8 = 141;

/// Ends what carries the mark `$1` in its environment, with the signal `$2`: the command and what it started.
const END: &str = r#"for process in /proc/[0-9]*; do
    if { tr '\0' '\n' <"$process/environ" | grep -qxF "$1"; } 2>/dev/null; then kill -s "$2" "${process#/proc/}"; fi
done"#;

/// How long the end of a command that nobody waits for may take to arrange.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Runs the verb. The command's exit code is ours; failures of our own are told apart from it as in Docker.
pub fn run(context: &Context, settings: &settings::Exec) -> Outcome {
    run_command(context, settings).map_err(|error| OwnFailure(error).into())
}

fn run_command(context: &Context, settings: &settings::Exec) -> Outcome {
    let environment = context.environment(settings.manifest.as_deref())?;
    let engine = Docker::connect(&context.system, context.global.engine.as_deref())?;
    let container = context.block_on(lifecycle::find_running(&engine, &environment.id))?;
    let tty = !settings.no_tty && context.system.stdin_terminal && context.system.stdout_terminal;
    let mark = format!("ENVCTL_EXEC={}-{}", std::process::id(), context.system.now());
    let mut exec = specification(settings, &container, tty, context.system.variable("TERM"));
    exec.env.push(mark.clone());
    let ended = context.block_on(joined(&engine, &container.id.0, &exec));
    let (signal, outcome) = match ended {
        Ok(Ended::Command(code)) => return Ok(Ending::Child(exit_code(code))),
        Ok(Ended::Unread) => ("PIPE", Ok(Ending::Child(BROKEN_PIPE))),
        Err(error) => match passed_on(error.report().exit(), tty) {
            Some(signal) => (signal, Err(error)),
            None => return Err(error),
        },
    };
    // The engine lets a command run on that nobody listens to any more. What it says now is of no use to anybody.
    context.clean_up(end(&engine, &container.id.0, &exec.user, [mark.as_str(), signal]));
    outcome
}

/// Why the caller and the command parted.
enum Ended {
    /// The command ended, with this code.
    Command(i64),
    /// Nobody reads what it prints.
    Unread,
}

/// The signal for the command when this process was asked to end. A shell at a terminal heeds only the terminal's loss.
fn passed_on(exit: Exit, tty: bool) -> Option<&'static str> {
    match exit {
        Exit::Interrupted => Some("INT"),
        Exit::HungUp => Some("HUP"),
        Exit::Terminated => Some(if tty { "HUP" } else { "TERM" }),
        _ => None,
    }
}

/// The command with the caller's streams, until it ends.
async fn joined(engine: &impl Engine, container: &str, exec: &ExecSpec) -> Result<Ended> {
    let unusable =
        |error: io::Error| EngineError::Local { action: "use the terminal".into(), reason: error.to_string() };
    let resizes = if exec.tty { Some(terminal::sizes().map_err(unusable)?) } else { None };
    let _raw = if exec.tty { Some(Raw::enter().map_err(unusable)?) } else { None };
    let io = ExecIo {
        stdin: Some(Box::new(Input::open())),
        stdout: Box::new(tokio::io::stdout()),
        stderr: Box::new(tokio::io::stderr()),
        resizes,
    };
    match engine.exec(container, exec, io).await {
        Ok(code) => Ok(Ended::Command(code)),
        Err(EngineError::OutputClosed) => Ok(Ended::Unread),
        Err(error) => Err(error.into()),
    }
}

/// As the command's own user: root in a container may not read what another user's process has in its environment.
async fn end(engine: &impl Engine, container: &str, user: &str, [mark, signal]: [&str; 2]) -> Result<()> {
    let exec = ExecSpec {
        command: ["/bin/sh", "-c", END, "sh", mark, signal].map(str::to_owned).to_vec(),
        env: vec![ROOT_PATH.to_owned()],
        user: user.to_owned(),
        ..ExecSpec::default()
    };
    let ended = tokio::time::timeout(END_LIMIT, engine.exec_output(container, &exec)).await;
    ended.map_or(Ok(()), |ended| Ok(ended.map(|_| ())?))
}

/// A process's code has eight bits.
fn exit_code(code: i64) -> u8 {
    u8::try_from(code & 0xff).unwrap_or(u8::MAX)
}

/// What the engine is asked to run, as the user whom the container was made for, with the variables that are carried for
/// their sessions. Root beside such a user gets none of them, and finds no program in what that user may write.
fn specification(settings: &settings::Exec, container: &ContainerState, tty: bool, term: Option<&str>) -> ExecSpec {
    let settings::Exec { manifest: _, root, no_tty: _, workdir, env, command } = settings;
    let made_for = |name: &str| {
        let pair = container.env.iter().find_map(|pair| pair.split_once('=').filter(|(found, _)| *found == name));
        pair.map(|(_, value)| value.to_owned())
    };
    let owner = made_for("ENVCTL_USER");
    let (user, home) = match (owner.clone(), made_for("ENVCTL_HOME")) {
        (Some(user), Some(home)) if !root => (user, home),
        _ => ("root".to_owned(), "/root".to_owned()),
    };
    let mut variables = vec![format!("HOME={home}"), format!("USER={user}"), format!("LOGNAME={user}")];
    if owner.is_none_or(|owner| owner == user) {
        let carried = container.env.iter().filter_map(|line| carried::given_back(line));
        variables.extend(carried.map(|(name, value)| format!("{name}={value}")));
    } else {
        variables.push(ROOT_PATH.to_owned());
    }
    if let Some(term) = term.filter(|_| tty) {
        variables.push(format!("TERM={term}"));
    }
    variables.extend(env.iter().cloned());
    ExecSpec {
        command: if command.is_empty() { login_shell() } else { command.clone() },
        env: variables,
        user,
        workdir: workdir.clone().or_else(|| made_for("ENVCTL_WORKDIR")).unwrap_or_default(),
        tty,
        stdin: true,
    }
}

fn login_shell() -> Vec<String> {
    ["/bin/sh", "-c", "if [ -x /bin/bash ]; then exec /bin/bash -l; fi; exec /bin/sh -l"].map(str::to_owned).to_vec()
}

/// A failure of envctl's, with an exit code that the command's own can't be taken for.
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
    use crate::commands::Interrupted;
    use crate::engine::{ContainerId, ContainerStatus, ImageId};
    use crate::system::signals::EndSignal;

    fn container() -> ContainerState {
        let pairs = [
            "PATH=/opt/envctl/venv/bin:/usr/bin",
            "ENVCTL_USER=ada",
            "ENVCTL_UID=1200345",
            "ENVCTL_HOME=/home/ada",
            "ENVCTL_SESSION=LD_PRELOAD",
            "ENVCTL_SESSION_LD_PRELOAD=/workspace/mine.so",
        ];
        ContainerState {
            id: ContainerId("c1".to_owned()),
            name: "envctl-lab-1a2b3c4d".to_owned(),
            image: ImageId(String::new()),
            image_reference: String::new(),
            labels: <_>::default(),
            env: pairs.map(str::to_owned).to_vec(),
            status: ContainerStatus::Running,
            first_process: 0,
            started_at: String::new(),
            ports: Vec::new(),
            volumes: Vec::new(),
            binds: Vec::new(),
            error: String::new(),
        }
    }

    fn settings(root: bool, command: &[&str]) -> settings::Exec {
        settings::Exec {
            manifest: None,
            root,
            no_tty: false,
            workdir: None,
            env: vec!["A=1".to_owned()],
            command: command.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    #[test]
    fn a_command_runs_as_the_user_whom_the_container_was_made_for() {
        let exec = specification(&settings(false, &["python", "-V"]), &container(), true, Some("xterm-256color"));
        assert_eq!(
            (exec.user.as_str(), exec.command.as_slice()),
            ("ada", ["python".to_owned(), "-V".to_owned()].as_slice())
        );
        let own = ["HOME=/home/ada", "USER=ada", "LOGNAME=ada", "LD_PRELOAD=/workspace/mine.so"];
        assert_eq!(exec.env, [own.as_slice(), &["TERM=xterm-256color", "A=1"]].concat());
        let root = specification(&settings(true, &[]), &container(), false, Some("xterm"));
        assert_eq!((root.user.as_str(), root.env[0].as_str(), root.env.len()), ("root", "HOME=/root", 5));
        assert!(root.env.contains(&ROOT_PATH.to_owned()));
        assert!(root.command.join(" ").contains("bash -l"));
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
