//! Finds the way to request GPUs that this engine accepts.
//!
//! The engine's own description is not reliable here, so each way is tried with a short-lived container.

use super::{ContainerSpec, Engine, EngineError, GpuRoute, GpuSelection, GpuSpec};

/// The order of preference: the request that names devices most exactly comes first.
const ROUTES: [GpuRoute; 3] = [GpuRoute::Cdi, GpuRoute::DeviceRequest, GpuRoute::Runtime];

/// Returns the way in which this engine gives these GPUs to a container. It starts `true` in `image` for each way
/// (about 60 ms each).
///
/// The engine's own description is not enough: an engine without an `nvidia` runtime may accept `--gpus`, and an
/// engine with one may fail. A successful start is not enough either: Podman's compatible service starts the
/// container without a GPU. So the caller still looks inside.
///
/// # Errors
/// [`EngineError::NoGpu`] with the message of the most successful way, or another failure of the start.
pub async fn gpu_route(
    engine: &impl Engine,
    image: &str,
    devices: &GpuSelection,
    driver_capabilities: &[String],
) -> Result<GpuRoute, EngineError> {
    let mut refusals = Vec::new();
    for via in ROUTES {
        let gpu = GpuSpec { via, devices: devices.clone(), driver_capabilities: driver_capabilities.to_vec() };
        match dry_start(engine, image, gpu).await {
            Ok(()) => return Ok(via),
            Err(EngineError::NoGpu { reason }) => refusals.push(reason),
            Err(other) => return Err(other),
        }
    }
    Err(EngineError::NoGpu { reason: most_telling(&refusals) })
}

async fn dry_start(engine: &impl Engine, image: &str, gpu: GpuSpec) -> Result<(), EngineError> {
    // The process ID keeps two probes at the same moment apart.
    let name = format!("envctl-gpu-probe-{}", std::process::id());
    let spec = ContainerSpec {
        name: name.clone(),
        image: image.to_owned(),
        entrypoint: vec!["true".into()],
        network: Some("none".into()),
        gpu: Some(gpu),
        ..ContainerSpec::default()
    };
    engine.remove(&name).await?;
    let started = match engine.create(&spec).await {
        Ok(_) => engine.start(&name).await,
        Err(error) => Err(error),
    };
    engine.remove(&name).await?;
    started
}

/// Returns the most useful refusal. A refusal by a way that exists says more than "this way does not exist". If no
/// way exists, the refusal of the usual way is returned.
fn most_telling(refusals: &[String]) -> String {
    const ABSENT: &[&str] =
        &["could not select device driver", "nknown runtime", "unknown or invalid runtime", "unresolvable CDI devices"];
    let absent = |reason: &&String| ABSENT.iter().any(|words| reason.contains(words));
    let told = refusals.iter().find(|reason| !absent(reason)).or_else(|| refusals.get(1)).or_else(|| refusals.first());
    told.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fake::Fake;

    async fn route(fake: &Fake) -> Result<GpuRoute, EngineError> {
        gpu_route(fake, "debian:12", &GpuSelection::All, &["compute".into()]).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_way_that_starts_is_taken() {
        for (offered, expected) in [
            (vec![GpuRoute::Runtime, GpuRoute::Cdi], GpuRoute::Cdi),
            (vec![GpuRoute::Runtime, GpuRoute::DeviceRequest], GpuRoute::DeviceRequest),
            (vec![GpuRoute::Runtime], GpuRoute::Runtime),
        ] {
            let fake = Fake::new();
            *fake.gpu.borrow_mut() = offered;
            assert_eq!(route(&fake).await.unwrap(), expected);
            assert!(fake.containers.borrow().is_empty(), "nothing is left behind");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_toolkit_that_fails_is_quoted_before_one_that_is_absent() {
        let fake = Fake::new();
        assert!(matches!(route(&fake).await, Err(EngineError::NoGpu { .. })));
        let words = "nvidia-container-cli: initialization error: driver not loaded";
        fake.gpu.borrow_mut().push(GpuRoute::Runtime);
        fake.fail("start", EngineError::NoGpu { reason: "could not select device driver \"cdi\"".into() });
        fake.fail("start", EngineError::NoGpu { reason: "could not select device driver \"\"".into() });
        fake.fail("start", EngineError::NoGpu { reason: words.into() });
        match route(&fake).await {
            Err(EngineError::NoGpu { reason }) => assert_eq!(reason, words),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn another_failure_is_not_a_missing_gpu() {
        let fake = Fake::new();
        let answer = gpu_route(&fake, "absent:1", &GpuSelection::All, &[]).await;
        assert!(matches!(answer, Err(EngineError::NoImage { .. })), "{answer:?}");
    }
}
