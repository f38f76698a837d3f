//! Environments as a person reads them: one in full, many as a table, who is inside, what is asked for.

use std::path::PathBuf;

use serde::Serialize;

use crate::connect::Endpoint;
use crate::engine::{ContainerState, ContainerStatus, Process, PublishedPort};
use crate::grants::Grant;

use super::Paint;
use super::plain::plain;
use crate::error::redacted;

/// One environment.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentStatus {
    pub id: String,
    pub name: String,
    /// The project's directory, where this host remembers it.
    pub project: Option<PathBuf>,
    /// `running`, `stopped`, `absent`, …
    pub status: &'static str,
    /// Of the main process, where it ended.
    pub exit_code: Option<i64>,
    pub container: Option<String>,
    pub image: Option<String>,
    /// RFC 3339.
    pub started_at: Option<String>,
    pub ports: Vec<PublishedPort>,
    pub endpoint: Option<Endpoint>,
}

impl EnvironmentStatus {
    /// What a container shows of its environment.
    #[must_use]
    pub fn new(id: String, name: String, container: Option<&ContainerState>) -> Self {
        let status = container.map(|container| container.status);
        Self {
            id,
            name,
            project: None,
            status: status.map_or("absent", word),
            exit_code: status.and_then(|status| match status {
                ContainerStatus::Exited { code } => Some(code),
                _ => None,
            }),
            container: container.map(|container| container.name.clone()),
            image: container.map(|container| container.image_reference.clone()),
            started_at: container.map(|container| container.started_at.clone()).filter(|time| !time.is_empty()),
            ports: container.map(|container| container.ports.clone()).unwrap_or_default(),
            endpoint: None,
        }
    }

    fn state(&self) -> String {
        self.exit_code.map_or_else(|| self.status.to_owned(), |code| format!("{} ({code})", self.status))
    }
}

fn word(status: ContainerStatus) -> &'static str {
    match status {
        ContainerStatus::Created => "created",
        ContainerStatus::Running => "running",
        ContainerStatus::Paused => "paused",
        ContainerStatus::Restarting => "restarting",
        ContainerStatus::Exited { .. } => "stopped",
        ContainerStatus::Dead => "dead",
    }
}

/// One environment in full.
#[must_use]
pub fn status(environment: &EnvironmentStatus, paint: Paint) -> String {
    let mut rows = vec![("id", environment.id.clone())];
    let mut row = |title, value: Option<String>| rows.extend(value.map(|value| (title, value)));
    row("project", environment.project.as_ref().map(|path| path.display().to_string()));
    row("image", environment.image.clone());
    row("since", environment.started_at.clone().filter(|_| environment.status == "running"));
    let ports: Vec<_> = environment.ports.iter().map(port).collect();
    row("ports", (!ports.is_empty()).then(|| ports.join(", ")));
    let way_in = environment.endpoint.as_ref().filter(|_| environment.status == "running");
    row("enter", way_in.map(|endpoint| endpoint.command.clone()));
    let head = format!("{} is {}\n", paint.bold(&environment.name), environment.state());
    let lines = rows.into_iter().map(|(title, value)| format!("  {title:<9}{value}\n"));
    std::iter::once(head).chain(lines).collect()
}

/// Many environments, one a line; `hidden` more are stopped and left out.
#[must_use]
pub fn table(environments: &[EnvironmentStatus], hidden: usize, paint: Paint) -> String {
    match (environments, hidden) {
        ([], 0) => return "no environments\n".to_owned(),
        ([], 1) => return "no environment runs; `envctl ps --all` shows one that is stopped\n".to_owned(),
        ([], _) => return format!("no environment runs; `envctl ps --all` shows {hidden} that are stopped\n"),
        _ => {}
    }
    let project = |environment: &EnvironmentStatus| {
        environment.project.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string())
    };
    let rows = environments.iter().map(|environment| {
        let ssh = environment.endpoint.as_ref().map_or("-".to_owned(), |endpoint| endpoint.port.to_string());
        [environment.id.clone(), environment.state(), ssh, project(environment)]
    });
    let rows: Vec<_> = std::iter::once(["ID", "STATUS", "SSH", "PROJECT"].map(str::to_owned)).chain(rows).collect();
    let widths: [usize; 4] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let line = |(index, row): (usize, &[String; 4])| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let text = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        format!("{}\n", if index == 0 { paint.bold(&text) } else { text })
    };
    rows.iter().enumerate().map(line).collect()
}

/// Processes, one a line.
#[must_use]
pub fn processes(processes: &[Process]) -> String {
    let line = |process: &Process| format!("  {:>7} {} {}\n", process.pid, process.user, process.command);
    processes.iter().map(line).collect()
}

/// What a manifest asks for beyond a container's usual walls.
#[must_use]
pub fn grants(grants: &[Grant]) -> String {
    let lines = grants.iter().map(|grant| format!("  {}\n", plain(&redacted(&grant.line()))));
    std::iter::once("The manifest asks for:\n".to_owned()).chain(lines).collect()
}

fn port(port: &PublishedPort) -> String {
    let PublishedPort { address, host, container, protocol } = port;
    format!("{}->{container}/{protocol}", std::net::SocketAddr::new(*address, *host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(id: &str, status: &'static str) -> EnvironmentStatus {
        let mut environment = EnvironmentStatus::new(id.to_owned(), "lab".to_owned(), None);
        environment.status = status;
        environment.project = Some("/srv/lab".into());
        environment
    }

    #[test]
    fn one_in_full() {
        let mut running = environment("lab-1a2b3c4d", "running");
        running.image = Some("envctl/lab:0123456789ab".to_owned());
        running.started_at = Some("2026-11-21T05:00:00Z".to_owned());
        running.ports = vec![PublishedPort {
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
        let mut stopped = environment("a-much-longer-name-5e6f7a8b", "stopped");
        stopped.exit_code = Some(137);
        stopped.project = None;
        insta::assert_snapshot!(table(&[environment("lab-1a2b3c4d", "running"), stopped], 0, Paint(false)), @r"
        ID                           STATUS         SSH  PROJECT
        lab-1a2b3c4d                 running        -    /srv/lab
        a-much-longer-name-5e6f7a8b  stopped (137)  -    -
        ");
        assert_eq!(table(&[], 0, Paint(false)), "no environments\n");
        assert!(table(&[], 2, Paint(false)).contains("`envctl ps --all` shows 2 that are stopped"));
    }
}
