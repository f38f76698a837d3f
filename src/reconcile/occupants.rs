//! Finds the occupants of a container: every process that the entrypoint did not start. Pure.
//!
//! Processes of the entrypoint stay in its session: the idle wait, the listening sshd, the manifest's own command and
//! its children. An SSH connection, a command run through the engine and a detached job each have their own session.
//! So this file needs no list of the entrypoint's commands and compares no command lines.

use serde::Serialize;

use crate::engine::Process;

/// A process of somebody who works in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Occupant {
    /// The process ID on its machine.
    pub pid: u32,
    /// The process ID of the parent.
    pub parent: u32,
    pub user: String,
    pub command: String,
}

impl From<&Process> for Occupant {
    fn from(process: &Process) -> Self {
        let Process { pid, parent, session: _, user, command } = process;
        Self { pid: *pid, parent: *parent, user: user.clone(), command: command.clone() }
    }
}

/// The beginnings of the titles of sshd's processes; data of the connection follows.
const SSHD: [&str; 3] = ["sshd: ", "sshd-session: ", "sshd-auth: "];

/// The ends of the titles of sshd's helper processes, which serve a connection but are not its session.
const HELPERS: [&str; 4] = ["[priv]", "[net]", "[accepted]", "[preauth]"];

/// Returns the processes that a stop would end: SSH sessions and their children, detached jobs, commands run through
/// the engine. `first` is the ID of the container's first process; if it is not in the list, all processes count.
#[must_use]
pub fn find_occupants(processes: &[Process], first: Option<u32>) -> Vec<Occupant> {
    let session = processes.iter().find(|process| Some(process.pid) == first).map(|process| process.session);
    // An engine that does not report sessions gives 0.
    let is_ours = |process: &Process| process.session != 0 && Some(process.session) == session;
    let theirs = processes
        .iter()
        .filter(|process| !is_ours(process) && !has_ended(process) && !is_helper(process, processes, is_ours));
    theirs.map(Occupant::from).collect()
}

/// Whether a process is ending: the system shows a process without memory in brackets.
fn has_ended(process: &Process) -> bool {
    let command = process.command.as_str();
    command.starts_with('[') && (command.ends_with(']') || command.ends_with("<defunct>"))
}

/// Whether a process is a helper of the container's sshd. For a session this is the privileged half, which adds
/// nothing to the other half. For a connection without a login (such as envctl's own wait for the banner) it is every
/// process.
fn is_helper(process: &Process, processes: &[Process], is_ours: impl Fn(&Process) -> bool) -> bool {
    let parent = |of: &Process| processes.iter().find(|other| other.pid == of.parent);
    has_title_of_helper(process)
        && parent(process)
            .is_some_and(|above| is_ours(above) || (has_title_of_helper(above) && parent(above).is_some_and(is_ours)))
}

fn has_title_of_helper(process: &Process) -> bool {
    SSHD.iter().any(|title| process.command.starts_with(title))
        && HELPERS.iter().any(|end| process.command.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process of a session.
    fn process(pid: u32, parent: u32, session: u32, command: &str) -> Process {
        Process { pid, parent, session, user: "ada".to_owned(), command: command.to_owned() }
    }

    fn commands(processes: &[Process]) -> Vec<String> {
        find_occupants(processes, Some(100)).into_iter().map(|occupant| occupant.command).collect()
    }

    #[test]
    fn an_idle_environment_is_empty() {
        let idle = [
            process(100, 1, 100, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(
                110,
                100,
                100,
                "sshd: /usr/sbin/sshd -D -e -f /etc/envctl-ssh/sshd_config [listener] 0 of 10-100 startups",
            ),
            process(111, 110, 111, "[sshd]"),
            process(115, 100, 115, "[python] <defunct>"),
            process(112, 110, 112, "sshd: [accepted]"),
            process(113, 110, 113, "sshd: unknown [priv]"),
            process(114, 113, 113, "sshd: unknown [net]"),
            process(116, 110, 116, "sshd-session: unknown [priv]"),
            process(117, 116, 116, "sshd-auth: unknown [net]"),
        ];
        assert_eq!(commands(&idle), Vec::<String>::new());
    }

    #[test]
    fn an_environment_without_an_ssh_server_is_empty() {
        let idle = [
            process(100, 1, 100, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(110, 100, 100, "sleep infinity"),
        ];
        assert_eq!(commands(&idle), Vec::<String>::new());
    }

    #[test]
    fn the_manifests_command_is_ours_whatever_it_is_called_and_a_session_that_it_opens_is_not() {
        let serving = [
            process(100, 1, 100, "/sbin/docker-init -- /opt/envctl/entrypoint jupyter lab"),
            process(110, 100, 100, "/opt/envctl/venv/bin/python /opt/envctl/venv/bin/jupyter-lab"),
            process(111, 110, 100, "sshd: /usr/sbin/sshd -D -e [listener] 0 of 10-100 startups"),
            process(112, 110, 100, "gunicorn: worker"),
            process(120, 110, 120, "python -m ipykernel_launcher"),
        ];
        assert_eq!(commands(&serving), ["python -m ipykernel_launcher"]);
    }

    #[test]
    fn sessions_and_detached_jobs_are_listed() {
        let busy = [
            process(100, 1, 100, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(110, 100, 100, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
            process(130, 110, 130, "sshd: ada [priv]"),
            process(131, 130, 130, "sshd: ada@pts/0"),
            process(132, 131, 132, "-bash"),
            process(140, 100, 139, "python train.py"),
        ];
        assert_eq!(commands(&busy), ["sshd: ada@pts/0", "-bash", "python train.py"]);
    }

    #[test]
    fn no_command_line_makes_a_process_ours() {
        let disguised = [
            process(100, 1, 100, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(120, 1, 120, "less /opt/envctl/entrypoint"),
            process(121, 1, 121, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(122, 1, 122, "grep sshd -D"),
            process(123, 120, 120, "sshd: ada [priv]"),
        ];
        assert_eq!(commands(&disguised).len(), 4);
    }

    #[test]
    fn without_the_first_process_everybody_counts() {
        assert_eq!(commands(&[process(110, 100, 100, "sleep infinity")]), ["sleep infinity"]);
    }
}
