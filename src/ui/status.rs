//! Describes environments for people: one in full, many as a table, their occupants, and the grants they need.
//!
//! It only lays out values that a place reports.

use crate::grants::Grant;
use crate::place::{EnvironmentSeen, OpenPort, RunState};
use crate::reconcile::occupants::Occupant;

use super::Paint;
use super::page::Page;
use super::table::Table;
use super::words;

/// Returns the state of an environment in one word, which scripts read.
#[must_use]
pub fn word(state: RunState) -> &'static str {
    match state {
        RunState::Absent => "absent",
        RunState::Created => "created",
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Restarting => "restarting",
        RunState::Ended { .. } => "stopped",
        RunState::Dead => "dead",
    }
}

fn state(state: RunState) -> String {
    match state {
        RunState::Ended { code } => format!("{} ({code})", word(state)),
        _ => word(state).to_owned(),
    }
}

/// Describes one environment in full.
#[must_use]
pub fn status(environment: &EnvironmentSeen, paint: Paint) -> String {
    let mut rows = vec![("id", environment.id.clone())];
    let mut row = |title, value: Option<String>| rows.extend(value.map(|value| (title, value)));
    row("project", environment.project.as_ref().map(|path| path.display().to_string()));
    row("image", environment.image.clone());
    row("since", environment.started_at.clone().filter(|_| environment.state == RunState::Running));
    let ports: Vec<_> = environment.ports.iter().map(port).collect();
    row("ports", (!ports.is_empty()).then(|| ports.join(", ")));
    let way_in = environment.endpoint.as_ref().filter(|_| environment.state == RunState::Running);
    row("enter", way_in.map(|endpoint| endpoint.command.clone()));
    let head = format!("{} is {}\n", paint.bold(&environment.name), state(environment.state));
    let lines = rows.into_iter().map(|(title, value)| format!("  {title:<9}{value}\n"));
    std::iter::once(head).chain(lines).collect()
}

/// Lists environments; `hidden` is the number of stopped ones that are left out. `width` is the terminal's; `None`
/// without one, where each is one line.
#[must_use]
pub fn table(environments: &[EnvironmentSeen], hidden: usize, width: Option<usize>, paint: Paint) -> String {
    match (environments, hidden) {
        ([], 0) => return "no environments\n".to_owned(),
        ([], 1) => return "no environment runs; `envctl ps --all` shows one that is stopped\n".to_owned(),
        ([], _) => return format!("no environment runs; `envctl ps --all` shows {hidden} that are stopped\n"),
        _ => {}
    }
    let project = |environment: &EnvironmentSeen| {
        environment.project.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string())
    };
    let mut table = Table::new(["ID", "STATUS", "SSH", "PROJECT"]);
    for environment in environments {
        let ssh = environment.endpoint.as_ref().map_or("-".to_owned(), |endpoint| endpoint.port.to_string());
        table.row([environment.id.clone(), state(environment.state), ssh, project(environment)]);
    }
    table.text(width, paint)
}

/// Lists processes, one in each line.
#[must_use]
pub fn processes(processes: &[Occupant]) -> String {
    let line = |process: &Occupant| format!("  {:>7} {} {}\n", process.pid, process.user, process.command);
    processes.iter().map(line).collect()
}

/// Lists the grants that a manifest needs. `width` is the terminal's; `None` without one.
#[must_use]
pub fn grants(grants: &[Grant], width: Option<usize>) -> String {
    let page = Page { width, paint: Paint(false) };
    let lines = grants.iter().map(|grant| page.list_item(" ", &words::grant(grant).redacted()));
    std::iter::once("The manifest asks for:\n".to_owned()).chain(lines).collect()
}

fn port(port: &OpenPort) -> String {
    let OpenPort { address, host, container, protocol } = port;
    format!("{}->{container}/{protocol}", std::net::SocketAddr::new(*address, *host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(id: &str, state: RunState) -> EnvironmentSeen {
        EnvironmentSeen {
            id: id.to_owned(),
            name: "lab".to_owned(),
            project: Some("/srv/lab".into()),
            state,
            container: Some(format!("envctl-{id}")),
            image: None,
            started_at: None,
            ports: Vec::new(),
            endpoint: None,
        }
    }

    #[test]
    fn one_in_full() {
        let mut running = environment("lab-1a2b3c4d", RunState::Running);
        running.image = Some("envctl/lab:0123456789ab".to_owned());
        running.started_at = Some("2026-11-21T05:00:00Z".to_owned());
        running.ports = vec![OpenPort {
            address: "127.0.0.1".parse().unwrap(),
            host: 23456,
            container: 22,
            protocol: crate::manifest::Protocol::Tcp,
        }];
        insta::assert_snapshot!(status(&running, Paint(false)), @r"
        lab is running
          id       lab-1a2b3c4d
          project  /srv/lab
          image    envctl/lab:0123456789ab
          since    2026-11-21T05:00:00Z
          ports    127.0.0.1:23456->22/tcp
        ");
    }

    #[test]
    fn many_in_a_table() {
        let mut stopped = environment("a-much-longer-name-5e6f7a8b", RunState::Ended { code: 137 });
        stopped.project = None;
        insta::assert_snapshot!(table(&[environment("lab-1a2b3c4d", RunState::Running), stopped], 0, None, Paint(false)), @r"
        ID                           STATUS         SSH  PROJECT
        lab-1a2b3c4d                 running        -    /srv/lab
        a-much-longer-name-5e6f7a8b  stopped (137)  -    -
        ");
        assert_eq!(table(&[], 0, None, Paint(false)), "no environments\n");
        assert!(table(&[], 2, None, Paint(false)).contains("`envctl ps --all` shows 2 that are stopped"));
    }
}
