//! Runs a session as a command that the engine starts in the container.
//!
//! The command runs as the environment's user, or as root on request.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::{ContainerId, ContainerState, Engine, EngineError, ExecIo, ExecSpec};
use crate::error::Result;
use crate::place::{Session, SessionEnd, SessionRequest, SessionStreams};
use crate::reconcile::identity::ROOT_PATH;
use crate::render::carried;
use crate::system::System;

/// Sends the signal `$2` to all processes with the mark `$1` in their environment: the command and its children.
const END: &str = r#"for process in /proc/[0-9]*; do
    if { tr '\0' '\n' <"$process/environ" | grep -qxF "$1"; } 2>/dev/null; then kill -s "$2" "${process#/proc/}"; fi
done"#;

/// The time limit for ending a command that nobody waits for.
const END_LIMIT: Duration = Duration::from_secs(5);

/// A session in a container of the engine.
pub(super) struct LocalSession<'a, E> {
    engine: &'a E,
    container: ContainerId,
    exec: ExecSpec,
    /// The variable that marks its processes.
    mark: String,
    /// The variables of the command that sends signals.
    signal_env: Vec<String>,
}

impl<'a, E: Engine> LocalSession<'a, E> {
    pub(super) fn new(engine: &'a E, system: &System, container: &ContainerState, request: &SessionRequest) -> Self {
        let mark = format!("ENVCTL_EXEC={}-{}", std::process::id(), system.now());
        let mut exec = specification(request, container);
        exec.env.push(mark.clone());
        let mut signal_env = blanks(container);
        signal_env.push(ROOT_PATH.to_owned());
        Self { engine, container: container.id.clone(), exec, mark, signal_env }
    }
}

impl<E: Engine> Session for LocalSession<'_, E> {
    async fn join(&self, streams: SessionStreams) -> Result<SessionEnd> {
        let SessionStreams { stdin, stdout, stderr, resizes } = streams;
        let io = ExecIo { stdin: Some(stdin), stdout, stderr, resizes };
        match self.engine.exec(&self.container.0, &self.exec, io).await {
            Ok(code) => Ok(SessionEnd::Command(code)),
            Err(EngineError::OutputClosed) => Ok(SessionEnd::Unread),
            Err(error) => Err(error.into()),
        }
    }

    /// The signal is sent as the command's own user: root in a container may not be able to read the environment of
    /// another user's process.
    async fn signal(&self, signal: &str) -> Result<()> {
        let exec = ExecSpec {
            command: ["/bin/sh", "-c", END, "sh", &self.mark, signal].map(str::to_owned).to_vec(),
            env: self.signal_env.clone(),
            user: self.exec.user.clone(),
            ..ExecSpec::default()
        };
        let ended = tokio::time::timeout(END_LIMIT, self.engine.exec_output(&self.container.0, &exec)).await;
        ended.map_or(Ok(()), |ended| Ok(ended.map(|_| ())?))
    }
}

/// Returns the command for the engine. It runs as the user that the container was made for, with the variables for
/// that user's sessions. Root in a container with such a user gets nothing that the manifest chooses: no variable, no
/// directory on its PATH and no working directory.
fn specification(request: &SessionRequest, container: &ContainerState) -> ExecSpec {
    let SessionRequest { command, root, workdir, env, tty, term } = request;
    let made_for = |name: &str| {
        let pair = container.env.iter().find_map(|pair| pair.split_once('=').filter(|(found, _)| *found == name));
        pair.map(|(_, value)| value.to_owned())
    };
    let owner = made_for("ENVCTL_USER");
    let (user, home) = match (owner.clone(), made_for("ENVCTL_HOME")) {
        (Some(user), Some(home)) if !root => (user, home),
        _ => ("root".to_owned(), "/root".to_owned()),
    };
    let is_owner = owner.is_none_or(|owner| owner == user);
    let mut variables = vec![format!("HOME={home}"), format!("USER={user}"), format!("LOGNAME={user}")];
    if is_owner {
        let carried = container.env.iter().filter_map(|line| carried::given_back(line));
        variables.extend(carried.map(|(name, value)| format!("{name}={value}")));
    } else {
        variables.push(ROOT_PATH.to_owned());
    }
    if let Some(term) = term.as_ref().filter(|_| *tty) {
        variables.push(format!("TERM={term}"));
    }
    variables.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
    let command = if command.is_empty() { login_shell() } else { command.clone() };
    let asked = workdir.clone();
    let usual = if is_owner { made_for("ENVCTL_WORKDIR") } else { Some(home) };
    let workdir = asked.or(usual).unwrap_or_default();
    let links = made_for("ENVCTL_LINKS").unwrap_or_default();
    let (workdir, command) = in_directory(workdir, command, &links);
    let (command, env) =
        if is_owner { (command, variables) } else { with_variables_alone(variables, command, container) };
    ExecSpec { command, env, user, workdir, tty: *tty, stdin: true }
}

/// Returns the working directory for the engine, and the command. The engine follows links on the way to a directory
/// before the session has its user's rights, and an old engine also leaves the container by them. Only root puts links
/// into `/`: those of the entrypoint, `links`. To every other directory, the session goes itself.
fn in_directory(directory: String, command: Vec<String>, links: &str) -> (String, Vec<String>) {
    // `components` removes what is only another spelling: `/data/`, `//data`, `/./data`.
    let plain: PathBuf = Path::new(&directory).components().collect();
    let is_link = links.lines().any(|line| line.split('\t').next().is_some_and(|link| plain == Path::new(link)));
    if directory.is_empty() || plain.parent() == Some(Path::new("/")) && !is_link {
        return (directory, command);
    }
    let change = ["/bin/sh", "-c", "cd -- \"$1\" || exit 126; shift; exec \"$@\"", "sh"].map(str::to_owned);
    ("/".to_owned(), change.into_iter().chain([directory]).chain(command).collect())
}

/// Returns a command and variables that give the command these variables and none of the container's. An engine adds
/// its variables to all of those, so each of the others is empty at first, and `env` removes it. No value is an
/// argument, because the container's user can read the arguments of all processes.
fn with_variables_alone(
    variables: Vec<String>,
    command: Vec<String>,
    container: &ContainerState,
) -> (Vec<String>, Vec<String>) {
    let mut blanks = blanks(container);
    blanks.retain(|blank| !variables.iter().any(|own| own.starts_with(blank.as_str())));
    let names = blanks.iter().map(|blank| blank.trim_end_matches('=').to_owned());
    let unset = names.flat_map(|name| ["-u".to_owned(), name]);
    // `sh` starts the command, because `env` would read a name with `=` as a variable.
    let shell = ["/bin/sh", "-c", "exec \"$@\"", "sh"].map(str::to_owned);
    let command = std::iter::once("/usr/bin/env".to_owned()).chain(unset).chain(shell).chain(command).collect();
    (command, blanks.into_iter().chain(variables).collect())
}

/// Returns `NAME=` for each variable of the container.
fn blanks(container: &ContainerState) -> Vec<String> {
    let names = container.env.iter().filter_map(|pair| pair.split_once('=').map(|(name, _)| name));
    names.filter(|name| !name.is_empty()).map(|name| format!("{name}=")).collect()
}

fn login_shell() -> Vec<String> {
    ["/bin/sh", "-c", "if [ -x /bin/bash ]; then exec /bin/bash -l; fi; exec /bin/sh -l"].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ContainerStatus, ImageId};

    fn container() -> ContainerState {
        let pairs = [
            "PATH=/opt/envctl/venv/bin:/usr/bin",
            "ENVCTL_USER=ada",
            "ENVCTL_UID=1200345",
            "ENVCTL_HOME=/home/ada",
            "ENVCTL_WORKDIR=/workspace",
            "ENVCTL_LINKS=/data\t/workspace/data",
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
            first_process: None,
            started_at: None,
            ports: Vec::new(),
            volumes: Vec::new(),
            binds: Vec::new(),
            restarts: false,
        }
    }

    #[test]
    fn a_command_runs_as_the_user_whom_the_container_was_made_for() {
        let request = SessionRequest {
            command: ["python", "-V"].map(str::to_owned).to_vec(),
            env: vec![("A".parse().unwrap(), "1".to_owned())],
            tty: true,
            term: Some("xterm-256color".to_owned()),
            ..SessionRequest::default()
        };
        let exec = specification(&request, &container());
        assert_eq!((exec.user.as_str(), &exec.command), ("ada", &request.command));
        let own = ["HOME=/home/ada", "USER=ada", "LOGNAME=ada", "LD_PRELOAD=/workspace/mine.so"];
        assert_eq!(exec.env, [own.as_slice(), &["TERM=xterm-256color", "A=1"]].concat());
        let request = SessionRequest { command: Vec::new(), root: true, tty: false, ..request };
        let root = specification(&request, &container());
        assert_eq!((root.user.as_str(), root.workdir.as_str()), ("root", "/root"));
        let own = ["HOME=/root", "USER=root", "LOGNAME=root", ROOT_PATH, "A=1"];
        assert_eq!(root.env[root.env.len() - own.len()..], own);
        let names = [
            "ENVCTL_USER",
            "ENVCTL_UID",
            "ENVCTL_HOME",
            "ENVCTL_WORKDIR",
            "ENVCTL_LINKS",
            "ENVCTL_SESSION",
            "ENVCTL_SESSION_LD_PRELOAD",
        ];
        assert_eq!(root.env[..names.len()], names.map(|name| format!("{name}=")));
        let unset = names.map(|name| format!("-u {name}")).join(" ");
        assert!(root.command.join(" ").starts_with(&format!("/usr/bin/env {unset} /bin/sh")), "{:?}", root.command);
        assert!(root.command.join(" ").contains("bash -l") && !root.command.join(" ").contains("A=1"));
    }

    #[test]
    fn only_a_directory_that_nobody_can_replace_is_named_to_the_engine() {
        let at = |workdir: &str| {
            let command = vec!["pwd".to_owned()];
            let request = SessionRequest { command, workdir: Some(workdir.to_owned()), ..SessionRequest::default() };
            specification(&request, &container())
        };
        assert_eq!((at("/workspace").workdir.as_str(), at("/workspace").command.len()), ("/workspace", 1));
        for workdir in
            ["/workspace/w", "/home/ada", "/", "sub", "/workspace/..", "/data", "/data/", "//data", "/./data"]
        {
            let exec = at(workdir);
            assert_eq!((exec.workdir.as_str(), exec.command[4].as_str()), ("/", workdir));
        }
    }
}
