use serde_json::{Value, json};

use super::*;
use crate::engine::{DeviceSpec, UlimitSpec};
use crate::manifest::{IpcMode, Protocol};

/// The request as it is sent, without empty fields.
fn sent(spec: &ContainerSpec) -> Value {
    serde_json::to_value(request_body(spec)).unwrap()
}

fn spec() -> ContainerSpec {
    ContainerSpec { name: "envctl-x".into(), image: "debian:12".into(), ..ContainerSpec::default() }
}

#[test]
fn what_is_not_asked_for_is_not_sent() {
    assert_eq!(sent(&spec()), json!({ "Image": "debian:12", "Healthcheck": { "Test": ["NONE"] }, "HostConfig": {} }));
}

#[test]
fn a_whole_environment() {
    let asked = ContainerSpec {
        hostname: "vision-lab".into(),
        labels: [("envctl.id".to_owned(), "vision-lab-1".to_owned())].into(),
        env: vec!["A=1".into()],
        entrypoint: vec!["/opt/envctl/entrypoint".into()],
        command: vec!["sleep".into()],
        workdir: "/workspace".into(),
        user: "0:0".into(),
        mounts: vec![
            MountSpec { kind: MountKind::Bind, source: "/p".into(), target: "/workspace".into(), read_only: false },
            MountSpec { kind: MountKind::Volume, source: "v".into(), target: "/v".into(), read_only: true },
        ],
        ports: vec![
            PublishedPort { address: [127, 0, 0, 1].into(), host: 2222, container: 22, protocol: Protocol::Tcp },
            PublishedPort { address: [0, 0, 0, 0].into(), host: 2223, container: 22, protocol: Protocol::Tcp },
        ],
        shm_size: Some(8 << 30),
        ulimits: vec![UlimitSpec { name: "memlock".into(), soft: -1, hard: -1 }],
        init: true,
        ipc: Some(IpcMode::Host),
        restart: Some(Restart::OnFailure(Some(3))),
        nano_cpus: Some(1_500_000_000),
        memory: Some(1 << 30),
        privileged: true,
        no_new_privileges: true,
        cap_add: vec!["SYS_PTRACE".into()],
        devices: vec![DeviceSpec {
            host: "/dev/fuse".into(),
            container: "/dev/fuse".into(),
            permissions: "rwm".into(),
        }],
        network: Some("host".into()),
        tmpfs: vec!["/scratch".into(), "/tmp".into()],
        extra_hosts: vec!["gw:host-gateway".into()],
        ..spec()
    };
    let expected = json!({
        "Image": "debian:12",
        "Healthcheck": { "Test": ["NONE"] },
        "Hostname": "vision-lab",
        "Labels": { "envctl.id": "vision-lab-1" },
        "Env": ["A=1"],
        "Entrypoint": ["/opt/envctl/entrypoint"],
        "Cmd": ["sleep"],
        "WorkingDir": "/workspace",
        "User": "0:0",
        "ExposedPorts": { "22/tcp": {} },
        "HostConfig": {
            "Mounts": [
                { "Type": "bind", "Source": "/p", "Target": "/workspace" },
                { "Type": "volume", "Source": "v", "Target": "/v", "ReadOnly": true, "VolumeOptions": {"Labels": {"envctl.id": "vision-lab-1"}}},
            ],
            "PortBindings": { "22/tcp": [
                { "HostIp": "127.0.0.1", "HostPort": "2222" },
                { "HostIp": "0.0.0.0", "HostPort": "2223" },
            ] },
            "ShmSize": 8_589_934_592_u64,
            "Ulimits": [{ "Name": "memlock", "Soft": -1, "Hard": -1 }],
            "Init": true,
            "IpcMode": "host",
            "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 3 },
            "NanoCpus": 1_500_000_000,
            "Memory": 1_073_741_824,
            "Privileged": true,
            "SecurityOpt": ["no-new-privileges"],
            "CapAdd": ["SYS_PTRACE"],
            "Devices": [{ "PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm" }],
            "NetworkMode": "host",
            "Tmpfs": { "/scratch": "", "/tmp": "" },
            "ExtraHosts": ["gw:host-gateway"],
        },
    });
    assert_eq!(sent(&asked), expected);
}

fn gpu(via: GpuRoute, devices: GpuSelection) -> Value {
    let gpu = GpuSpec { via, devices, driver_capabilities: vec!["compute".into(), "utility".into()] };
    let mut sent = sent(&ContainerSpec { gpu: Some(gpu), ..spec() });
    for of_every_container in ["Image", "Healthcheck"] {
        sent.as_object_mut().unwrap().remove(of_every_container);
    }
    sent
}

#[test]
fn gpus_are_asked_for_in_three_ways() {
    let capabilities = json!([["gpu", "compute", "utility"]]);
    assert_eq!(
        gpu(GpuRoute::DeviceRequest, GpuSelection::All),
        json!({ "HostConfig": { "DeviceRequests": [{ "Count": -1, "Capabilities": capabilities, "Options": {} }] } })
    );
    assert_eq!(
        gpu(GpuRoute::DeviceRequest, GpuSelection::Devices(vec!["0".into(), "GPU-1".into()])),
        json!({ "HostConfig": { "DeviceRequests": [
            { "DeviceIDs": ["0", "GPU-1"], "Capabilities": capabilities, "Options": {} }
        ] } })
    );
    assert_eq!(
        gpu(GpuRoute::Cdi, GpuSelection::Count(2)),
        json!({ "HostConfig": { "DeviceRequests": [
            { "Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=0", "nvidia.com/gpu=1"] }
        ] } })
    );
    assert_eq!(
        gpu(GpuRoute::Runtime, GpuSelection::Devices(vec!["MIG-1".into()])),
        json!({
            "Env": ["NVIDIA_VISIBLE_DEVICES=MIG-1", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"],
            "HostConfig": { "Runtime": "nvidia" },
        })
    );
}
