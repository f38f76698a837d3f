//! The ways to request a GPU, on an engine that has GPUs.

use envctl::engine::{ContainerInside, ContainerLife};
use envctl::engine::{ContainerSpec, Engine, EngineError, ExecSpec, GpuRoute, GpuSelection, GpuSpec, gpu_route};

use crate::gpu_host::{GpuHost, Offers};
use crate::harness;

/// A container with these devices, and what `ls` sees of them inside.
async fn devices_inside(host: &GpuHost, via: GpuRoute, devices: GpuSelection) -> Result<String, EngineError> {
    let engine = host.docker();
    let spec = ContainerSpec {
        name: harness::name("gpu"),
        image: harness::base().to_owned(),
        command: vec!["sleep".into(), "600".into()],
        init: true,
        gpu: Some(GpuSpec { via, devices, driver_capabilities: vec!["compute".into(), "utility".into()] }),
        ..ContainerSpec::default()
    };
    engine.create(&spec).await?;
    let started = engine.start(&spec.name).await;
    let exec = ExecSpec {
        command: ["sh", "-c", "ls /dev | grep nvidia; nvidia-smi"].map(String::from).to_vec(),
        ..ExecSpec::default()
    };
    let seen = match started {
        Ok(()) => engine.exec_output(&spec.name, &exec).await.map(|output| String::from_utf8(output.stdout).unwrap()),
        Err(error) => Err(error),
    };
    engine.remove(&spec.name).await?;
    seen
}

const FURNISHED: &str = "nvidia0\nnvidiactl\nstub GPU\n";

#[tokio::test(flavor = "current_thread")]
async fn a_host_with_the_hook_takes_gpus() {
    let host = GpuHost::start(Offers::Hook, "all");
    let route = gpu_route(&host.docker(), harness::base(), &GpuSelection::All, &[]).await.unwrap();
    assert_eq!(route, GpuRoute::DeviceRequest);
    assert_eq!(devices_inside(&host, route, GpuSelection::All).await.unwrap(), FURNISHED);
    let other = devices_inside(&host, route, GpuSelection::Devices(vec!["7".into()])).await;
    assert!(matches!(&other, Err(EngineError::NoGpu { reason }) if reason.contains("not the devices")), "{other:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_host_with_the_runtime_alone_takes_variables() {
    let host = GpuHost::start(Offers::Runtime, "0,GPU-1");
    let devices = GpuSelection::Devices(vec!["0".into(), "GPU-1".into()]);
    let route = gpu_route(&host.docker(), harness::base(), &devices, &[]).await.unwrap();
    assert_eq!(route, GpuRoute::Runtime);
    assert_eq!(devices_inside(&host, route, devices).await.unwrap(), FURNISHED);
    let info = host.docker().describe().await.unwrap();
    assert!(info.runtimes.contains(&"nvidia".to_owned()), "{info:?}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_toolkit_without_a_driver_is_quoted() {
    let host = GpuHost::start(Offers::BrokenHook, "all");
    let route = gpu_route(&host.docker(), harness::base(), &GpuSelection::All, &[]).await;
    match route {
        Err(EngineError::NoGpu { reason }) => {
            assert!(reason.starts_with("nvidia-container-cli: initialization error"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}
