//! Who works in a container: every process that envctl and the manifest did not put there. Pure.

use crate::engine::Process;

/// The processes that a stop would end: SSH sessions and what they started, detached jobs, commands run through the
/// engine. The init, the entrypoint, the listening sshd and the manifest's own command (`declared`) are not among them.
#[must_use]
pub fn occupants(processes: &[Process], declared: &[String]) -> Vec<Process> {
    let declared = declared.join(" ");
    let theirs = |process: &&Process| !is_ours(&process.command, &declared) && !is_plumbing(&process.command);
    processes.iter().filter(theirs).cloned().collect()
}

fn is_ours(command: &str, declared: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    let init = matches!(name, "docker-init" | "tini" | "catatonit" | "conmon");
    let entrypoint = command.contains("/opt/envctl/entrypoint");
    let listener = command.contains("sshd") && (command.contains("[listener]") || command.contains(" -D"));
    init || entrypoint || listener || (!declared.is_empty() && command == declared)
}

/// sshd's helpers: of a session the privileged half, which says nothing that the other half does not; of a connection that
/// nobody has entered by yet (our own wait for the banner is one) all. What the system shows in brackets has no memory of
/// its own left: it is ending.
fn is_plumbing(command: &str) -> bool {
    if command.starts_with('[') && (command.ends_with(']') || command.ends_with("<defunct>")) {
        return true;
    }
    command.starts_with("sshd: ")
        && ["[priv]", "[net]", "[accepted]", "[preauth]"].iter().any(|end| command.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32, command: &str) -> Process {
        Process { pid, parent, user: "ada".to_owned(), command: command.to_owned() }
    }

    fn commands(processes: &[Process], declared: &[&str]) -> Vec<String> {
        let declared: Vec<_> = declared.iter().map(|word| (*word).to_owned()).collect();
        occupants(processes, &declared).into_iter().map(|process| process.command).collect()
    }

    #[test]
    fn an_idle_environment_is_empty() {
        let idle = [
            process(100, 1, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(
                110,
                100,
                "sshd: /usr/sbin/sshd -D -e -f /etc/envctl-ssh/sshd_config [listener] 0 of 10-100 startups",
            ),
            process(111, 100, "/usr/sbin/sshd -D -e"),
            process(111, 110, "[sshd]"),
            process(115, 100, "[python] <defunct>"),
            process(112, 110, "sshd: [accepted]"),
            process(113, 110, "sshd: unknown [priv]"),
            process(114, 113, "sshd: unknown [net]"),
            process(120, 100, "jupyter lab"),
        ];
        assert!(commands(&idle, &["jupyter", "lab"]).is_empty());
        assert_eq!(commands(&idle, &[]), ["jupyter lab"]);
    }

    #[test]
    fn sessions_and_detached_jobs_are_told() {
        let busy = [
            process(100, 1, "/sbin/docker-init -- /opt/envctl/entrypoint"),
            process(110, 100, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
            process(130, 110, "sshd: ada [priv]"),
            process(131, 130, "sshd: ada@pts/0"),
            process(132, 131, "-bash"),
            process(140, 100, "python train.py"),
        ];
        assert_eq!(commands(&busy, &[]), ["sshd: ada@pts/0", "-bash", "python train.py"]);
    }
}
