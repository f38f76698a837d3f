//! Translates a [`ContainerSpec`] into the engine's request, as a pure function.
//!
//! Tests compare the whole request, so the translation needs no engine.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerCreateBody, DeviceMapping, DeviceRequest, HealthConfig, HostConfig, Mount, MountType, MountVolumeOptions,
    PortBinding, PortMap, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};

use crate::engine::{ContainerSpec, GpuRoute, GpuSelection, GpuSpec, MountKind, MountSpec, PublishedPort};
use crate::manifest::Restart;

/// Returns the whole request. It destructures the specification, so that a new field is not forgotten here.
pub(super) fn request_body(spec: &ContainerSpec) -> ContainerCreateBody {
    let ContainerSpec {
        name: _, // a query parameter
        hostname,
        image,
        labels,
        env,
        entrypoint,
        command,
        workdir,
        user,
        mounts,
        ports,
        gpu,
        shm_size,
        ulimits,
        init,
        ipc,
        restart,
        nano_cpus,
        memory,
        privileged,
        no_new_privileges,
        cap_add,
        cap_drop,
        devices,
        network,
        tmpfs,
        extra_hosts,
    } = spec;
    let mut environment = env.clone();
    let mut host = HostConfig {
        mounts: some(mounts.iter().map(|spec| mount_request(spec, labels)).collect()),
        port_bindings: (!ports.is_empty()).then(|| port_bindings(ports)),
        shm_size: shm_size.map(signed),
        ulimits: some(
            ulimits
                .iter()
                .map(|limit| ResourcesUlimits {
                    name: Some(limit.name.clone()),
                    soft: Some(limit.soft),
                    hard: Some(limit.hard),
                })
                .collect(),
        ),
        init: init.then_some(true),
        ipc_mode: ipc.map(|mode| mode.to_string()),
        restart_policy: restart.map(restart_policy),
        nano_cpus: *nano_cpus,
        memory: memory.map(signed),
        privileged: privileged.then_some(true),
        security_opt: no_new_privileges.then(|| vec!["no-new-privileges".to_owned()]),
        cap_add: some(cap_add.clone()),
        cap_drop: some(cap_drop.clone()),
        devices: some(
            devices
                .iter()
                .map(|device| DeviceMapping {
                    path_on_host: Some(device.host.clone()),
                    path_in_container: Some(device.container.clone()),
                    cgroup_permissions: Some(device.permissions.clone()),
                })
                .collect(),
        ),
        network_mode: network.clone(),
        tmpfs: (!tmpfs.is_empty()).then(|| tmpfs.iter().map(|path| (path.clone(), String::new())).collect()),
        extra_hosts: some(extra_hosts.clone()),
        ..HostConfig::default()
    };
    if let Some(gpu) = gpu {
        ask_for_gpu(gpu, &mut host, &mut environment);
    }
    ContainerCreateBody {
        hostname: text(hostname),
        image: Some(image.clone()),
        labels: (!labels.is_empty()).then(|| labels.clone().into_iter().collect()),
        env: some(environment),
        entrypoint: some(entrypoint.clone()),
        cmd: some(command.clone()),
        working_dir: text(workdir),
        user: text(user),
        exposed_ports: some(ports.iter().map(container_port).collect()),
        host_config: Some(host),
        healthcheck: Some(no_healthcheck()),
        ..ContainerCreateBody::default()
    }
}

/// Disables the image's health check. It would run again and again as root, through programs that the container's
/// user puts first on the PATH.
fn no_healthcheck() -> HealthConfig {
    HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }
}

/// A missing volume is created with the container's labels, which name its owner. `Mounts` is used and not `Binds`:
/// with `Mounts` a missing source is an error, with `Binds` root creates a directory.
fn mount_request(mount: &MountSpec, labels: &BTreeMap<String, String>) -> Mount {
    let labels: HashMap<_, _> = labels.clone().into_iter().collect();
    let of_volume = mount.kind == MountKind::Volume && !labels.is_empty();
    Mount {
        volume_options: of_volume.then(|| MountVolumeOptions { labels: Some(labels), ..MountVolumeOptions::default() }),
        typ: Some(match mount.kind {
            MountKind::Bind => MountType::BIND,
            MountKind::Volume => MountType::VOLUME,
        }),
        source: Some(mount.source.clone()),
        target: Some(mount.target.clone()),
        read_only: mount.read_only.then_some(true),
        ..Mount::default()
    }
}

/// `8888/tcp`
fn container_port(port: &PublishedPort) -> String {
    format!("{}/{}", port.container, port.protocol)
}

fn port_bindings(ports: &[PublishedPort]) -> PortMap {
    let mut map = PortMap::new();
    for port in ports {
        let binding = PortBinding { host_ip: Some(port.address.to_string()), host_port: Some(port.host.to_string()) };
        map.entry(container_port(port)).or_default().get_or_insert_default().push(binding);
    }
    map
}

fn restart_policy(restart: Restart) -> RestartPolicy {
    let (name, times) = match restart {
        Restart::No => (RestartPolicyNameEnum::NO, None),
        Restart::OnFailure(times) => (RestartPolicyNameEnum::ON_FAILURE, times),
        Restart::Always => (RestartPolicyNameEnum::ALWAYS, None),
        Restart::UnlessStopped => (RestartPolicyNameEnum::UNLESS_STOPPED, None),
    };
    RestartPolicy { name: Some(name), maximum_retry_count: times.map(i64::from) }
}

/// Adds the GPU request in one of three forms. The runtime reads only variables.
fn ask_for_gpu(gpu: &GpuSpec, host: &mut HostConfig, env: &mut Vec<String>) {
    match gpu.via {
        GpuRoute::Cdi => {
            let ids = selected_devices(&gpu.devices).into_iter().map(|id| format!("nvidia.com/gpu={id}")).collect();
            let request =
                DeviceRequest { driver: Some("cdi".into()), device_ids: Some(ids), ..DeviceRequest::default() };
            host.device_requests = Some(vec![request]);
        }
        GpuRoute::DeviceRequest => {
            let mut capabilities = vec!["gpu".to_owned()];
            capabilities.extend(gpu.driver_capabilities.iter().cloned());
            let (count, ids) = match &gpu.devices {
                GpuSelection::All => (Some(-1), None),
                GpuSelection::Count(count) => (Some(i64::from(*count)), None),
                GpuSelection::Devices(ids) => (None, Some(ids.clone())),
            };
            host.device_requests = Some(vec![DeviceRequest {
                driver: None,
                count,
                device_ids: ids,
                capabilities: Some(vec![capabilities]),
                options: Some(HashMap::new()),
            }]);
        }
        GpuRoute::Runtime => {
            host.runtime = Some("nvidia".into());
            env.push(format!("NVIDIA_VISIBLE_DEVICES={}", selected_devices(&gpu.devices).join(",")));
            if !gpu.driver_capabilities.is_empty() {
                env.push(format!("NVIDIA_DRIVER_CAPABILITIES={}", gpu.driver_capabilities.join(",")));
            }
        }
    }
}

/// Returns identifiers that CDI and the runtime know. A count selects the first GPUs, as with `--gpus`.
fn selected_devices(devices: &GpuSelection) -> Vec<String> {
    match devices {
        GpuSelection::All => vec!["all".into()],
        GpuSelection::Count(count) => (0..*count).map(|index| index.to_string()).collect(),
        GpuSelection::Devices(ids) => ids.clone(),
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Converts a size to the engine's signed number; sizes above 8 EiB do not occur.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
