//! Translates the engine's answers into envctl's values.
//!
//! A field that the engine omits becomes empty; an unknown value is not an error.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use bollard::models::{
    ContainerInspectResponse, ContainerStateStatusEnum as Inspected, ContainerSummary,
    ContainerSummaryStateEnum as Listed, ContainerTopResponse, ImageInspect, ImageSummary, MountPoint, PortMap,
    PortSummary, RestartPolicy, RestartPolicyNameEnum, SystemInfo, SystemVersion,
};

use crate::engine::{
    ContainerId, ContainerState, ContainerStatus, EngineInfo, HostPath, ImageId, ImageState, ListedContainer,
    ListedImage, Process, PublishedPort,
};
use crate::manifest::Protocol;

pub(super) fn container(answer: ContainerInspectResponse) -> ContainerState {
    let state = answer.state.unwrap_or_default();
    let config = answer.config.unwrap_or_default();
    let status = match state.status {
        Some(Inspected::RUNNING) => ContainerStatus::Running,
        Some(Inspected::PAUSED) => ContainerStatus::Paused,
        Some(Inspected::RESTARTING) => ContainerStatus::Restarting,
        Some(Inspected::EXITED | Inspected::STOPPING) => {
            ContainerStatus::Exited { code: state.exit_code.unwrap_or_default() }
        }
        Some(Inspected::DEAD | Inspected::REMOVING) => ContainerStatus::Dead,
        Some(Inspected::CREATED | Inspected::EMPTY) | None => ContainerStatus::Created,
    };
    ContainerState {
        id: ContainerId(answer.id.unwrap_or_default()),
        name: answer.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        image: ImageId(answer.image.unwrap_or_default()),
        image_reference: config.image.unwrap_or_default(),
        labels: sorted(config.labels),
        env: config.env.unwrap_or_default(),
        status,
        first_process: state.pid.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0),
        started_at: state.started_at.filter(|_| status != ContainerStatus::Created),
        binds: binds(answer.mounts.as_deref()),
        restarts: answer.host_config.and_then(|host| host.restart_policy).is_some_and(|policy| restarts(&policy)),
        ports: ports(answer.network_settings.and_then(|network| network.ports)),
        volumes: volumes(answer.mounts),
    }
}

pub(super) fn listed_container(answer: ContainerSummary) -> ListedContainer {
    let status = match answer.state {
        Some(Listed::RUNNING) => ContainerStatus::Running,
        Some(Listed::PAUSED) => ContainerStatus::Paused,
        Some(Listed::RESTARTING) => ContainerStatus::Restarting,
        Some(Listed::EXITED | Listed::STOPPING) => {
            ContainerStatus::Exited { code: exit_code(answer.status.as_deref().unwrap_or_default()) }
        }
        Some(Listed::DEAD | Listed::REMOVING) => ContainerStatus::Dead,
        Some(Listed::CREATED | Listed::EMPTY) | None => ContainerStatus::Created,
    };
    let name = answer.names.unwrap_or_default().into_iter().next().unwrap_or_default();
    ListedContainer {
        id: ContainerId(answer.id.unwrap_or_default()),
        name: name.trim_start_matches('/').to_owned(),
        image_reference: answer.image.unwrap_or_default(),
        labels: sorted(answer.labels),
        status,
        binds: binds(answer.mounts.as_deref()),
        ports: listed_ports(&answer.ports.unwrap_or_default()),
        volumes: volumes(answer.mounts),
    }
}

fn volumes(mounts: Option<Vec<MountPoint>>) -> Vec<String> {
    let volumes = mounts.into_iter().flatten().filter(|mount| mount.typ.as_deref() == Some("volume"));
    volumes.filter_map(|mount| mount.name).collect()
}

fn binds(mounts: Option<&[MountPoint]>) -> Vec<HostPath> {
    let binds = mounts.into_iter().flatten().filter(|mount| mount.typ.as_deref() == Some("bind"));
    let path =
        |mount: &MountPoint| Some(HostPath { path: mount.source.clone()?, is_writable: mount.rw.unwrap_or(true) });
    binds.filter_map(path).collect()
}

fn restarts(policy: &RestartPolicy) -> bool {
    !matches!(policy.name, None | Some(RestartPolicyNameEnum::EMPTY | RestartPolicyNameEnum::NO))
}

/// Parses `Exited (137) 5 minutes ago`: a list gives the code only in this text.
fn exit_code(status: &str) -> i64 {
    let inside = status.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    inside.and_then(|(code, _)| code.parse().ok()).unwrap_or_default()
}

fn ports(map: Option<PortMap>) -> Vec<PublishedPort> {
    let mut found: Vec<PublishedPort> = Vec::new();
    for (container, bindings) in map.unwrap_or_default() {
        let Some((number, protocol)) = container.split_once('/') else { continue };
        let Some(protocol) = Protocol::of_name(protocol) else { continue };
        for binding in bindings.unwrap_or_default() {
            let address = binding.host_ip.unwrap_or_default();
            let (Ok(container), Some(host)) = (number.parse(), binding.host_port.and_then(|port| port.parse().ok()))
            else {
                continue;
            };
            found.push(PublishedPort { address: ip(&address), host, container, protocol });
        }
    }
    found.sort();
    found
}

fn listed_ports(ports: &[PortSummary]) -> Vec<PublishedPort> {
    let published = ports.iter().filter_map(|port| {
        Some(PublishedPort {
            address: ip(port.ip.as_deref().unwrap_or_default()),
            host: port.public_port?,
            container: port.private_port,
            protocol: Protocol::of_name(port.typ?.as_ref())?,
        })
    });
    let mut found: Vec<_> = published.collect();
    found.sort();
    found
}

/// Parses an address; some engines write "all addresses" as an empty text.
fn ip(text: &str) -> IpAddr {
    text.parse().unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

pub(super) fn image(answer: ImageInspect) -> ImageState {
    let config = answer.config.unwrap_or_default();
    ImageState {
        id: ImageId(answer.id.unwrap_or_default()),
        repo_digests: answer.repo_digests.unwrap_or_default(),
        labels: sorted(config.labels),
        env: config.env.unwrap_or_default(),
        on_build: config.on_build.unwrap_or_default(),
        size: answer.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
    }
}

pub(super) fn listed_image(answer: ImageSummary) -> ListedImage {
    let is_name = |tag: &String| tag != "<none>:<none>";
    ListedImage {
        id: ImageId(answer.id),
        tags: answer.repo_tags.into_iter().filter(is_name).collect(),
        has_parent: !answer.parent_id.is_empty(),
    }
}

pub(super) fn engine(version: SystemVersion, info: SystemInfo, endpoint: &str) -> EngineInfo {
    let components = version.components.unwrap_or_default();
    let podman = components.iter().any(|component| component.name == "Podman Engine");
    let mut runtimes: Vec<_> = info.runtimes.unwrap_or_default().into_keys().collect();
    runtimes.sort();
    let devices = info.discovered_devices.unwrap_or_default();
    let devices =
        devices.into_iter().filter(|device| device.source.as_deref() == Some("cdi")).filter_map(|device| device.id);
    EngineInfo {
        kind: if podman { "podman" } else { "docker" }.into(),
        version: version.version.unwrap_or_default(),
        endpoint: endpoint.to_owned(),
        architecture: info.architecture.unwrap_or_default(),
        root_directory: info.docker_root_dir.unwrap_or_default(),
        runtimes,
        cdi: devices.chain(info.cdi_spec_dirs.unwrap_or_default()).collect(),
        security_options: info.security_options.unwrap_or_default(),
    }
}

/// Finds the columns by their titles: `ps` pads them freely, and the command is the rest of the line.
pub(super) fn processes(answer: ContainerTopResponse) -> Vec<Process> {
    let titles = answer.titles.unwrap_or_default();
    let column = |wanted: &[&str]| titles.iter().position(|title| wanted.contains(&title.as_str()));
    let (pid, parent, session) = (column(&["PID"]), column(&["PPID"]), column(&["SID", "SESS"]));
    let (user, command) = (column(&["USER", "UID"]), column(&["COMMAND", "CMD"]));
    let rows = answer.processes.unwrap_or_default();
    let cell = |row: &[String], column: Option<usize>| column.and_then(|column| row.get(column)).cloned();
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    rows.iter()
        .filter_map(|row| {
            Some(Process {
                pid: number(cell(row, pid))?,
                parent: number(cell(row, parent)).unwrap_or_default(),
                session: number(cell(row, session)).unwrap_or_default(),
                user: cell(row, user).unwrap_or_default(),
                command: cell(row, command).unwrap_or_default(),
            })
        })
        .collect()
}

fn sorted(map: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    map.unwrap_or_default().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_hides_the_exit_code_in_its_prose() {
        assert_eq!(exit_code("Exited (137) 5 minutes ago"), 137);
        assert_eq!(exit_code("Up 3 seconds"), 0);
    }

    #[test]
    fn processes_are_read_by_their_titles() {
        let row = |cells: [&str; 5]| cells.map(String::from).to_vec();
        let answer = ContainerTopResponse {
            titles: Some(row(["PID", "PPID", "SID", "USER", "COMMAND"])),
            processes: Some(vec![row(["421", "399", "399", "root", "sleep 60"])]),
        };
        let expected = Process { pid: 421, parent: 399, session: 399, user: "root".into(), command: "sleep 60".into() };
        assert_eq!(processes(answer), [expected]);
    }

    #[test]
    fn podman_is_named_for_what_it_is() {
        let version: SystemVersion =
            serde_json::from_str(r#"{"Version":"4.3.1","Components":[{"Name":"Podman Engine","Version":"4.3.1"}]}"#)
                .unwrap();
        assert_eq!(engine(version, SystemInfo::default(), "unix:///x").kind, "podman");
    }

    #[test]
    fn only_published_ports_count() {
        let inspected: ContainerInspectResponse = serde_json::from_str(
            r#"{"Id":"abc","Name":"/envctl-x","State":{"Status":"running"},"NetworkSettings":{"Ports":{
                "22/tcp":[{"HostIp":"127.0.0.1","HostPort":"2222"}],"8888/tcp":null}}}"#,
        )
        .unwrap();
        let state = container(inspected);
        assert_eq!(state.name, "envctl-x");
        assert_eq!(state.ports.len(), 1);
        assert_eq!((state.ports[0].host, state.ports[0].container), (2222, 22));
    }
}
