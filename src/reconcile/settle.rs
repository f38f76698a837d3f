//! Makes the choices that the manifest leaves to this host: ports, keys, the way to a GPU.
//!
//! Choices here change the state; so does `up` when the engine refuses a choice at the last moment. [`foresee_choices`] makes
//! the same choices and changes nothing.

use std::collections::BTreeSet;

use super::plan::Observed;
use super::ports::{self, Assigned, MovedPort};
use super::prepare::Prepared;
use super::work::Work;
use super::{desired, recover};
use crate::connect::authorized::{self, Authorized};
use crate::connect::keys::{self, KeyPair};
use crate::engine::{Engine, GpuRoute, gpu_route};
use crate::error::Error;
use crate::event::Notice;
use crate::project::State;
use crate::project::state::GpuMemory;

/// The choices that this host made.
pub struct Settled {
    pub ports: Assigned,
    /// The way to request GPUs; `None`: the container gets none.
    pub gpu: Option<GpuRoute>,
    /// The SSH server's keys; `None` without one.
    pub keys: Option<ServerKeys>,
    /// Limits that this engine is not permitted to set.
    pub refused_limits: BTreeSet<String>,
}

/// The keys of an SSH server.
pub struct ServerKeys {
    /// The server's own key.
    pub host: KeyPair,
    /// The keys that may log in.
    pub authorized: Authorized,
}

/// Makes the choices and the missing keys, finds the way to a GPU, and stores everything in the state. The caller
/// saves the state before it changes the container: after a kill, the next `up` continues with the same choices.
pub async fn settle_choices(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    observed: &Observed,
    state: &mut State,
) -> Result<Settled, Error> {
    make_keys(work, prepared).await?;
    let gpu = find_route(work, prepared, observed, state).await?;
    let settled = choose_ports(work, observed, state, gpu).await?;
    if let Some(moved) = &settled.ports.moved {
        let MovedPort { from, to, holder } = moved.clone();
        work.sink.emit(Notice::PortMoved { from, to, holder }.into());
    }
    state.inputs = None;
    state.bootstrapped = prepared.bootstrapped;
    settled.ports.remember(&work.environment.manifest, state);
    work.engine.endpoint().clone_into(&mut state.engine);
    Ok(settled)
}

/// Makes the same choices without effects. A missing key is generated but not stored, and an unknown way to a GPU is
/// assumed to be the usual one.
pub async fn foresee_choices(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    observed: &Observed,
    state: &State,
) -> Result<Settled, Error> {
    let usual = prepared.wants_gpu.then_some(GpuRoute::DeviceRequest);
    choose_ports(work, observed, state, known_route(prepared, state).or(usual)).await
}

async fn choose_ports(
    work: &Work<'_, impl Engine>,
    observed: &Observed,
    state: &State,
    gpu: Option<GpuRoute>,
) -> Result<Settled, Error> {
    let environment = work.environment;
    let ports = ports::assign_ports(work, state, observed.container.as_ref()).await?;
    let keys = if environment.manifest.serves_ssh() {
        Some(ServerKeys {
            host: keys::host_key(&environment.directory, environment.id.as_str())?,
            authorized: authorized::collect_keys(work.system, &environment.manifest, &environment.project.directory)?,
        })
    } else {
        None
    };
    Ok(Settled { ports, gpu, keys, refused_limits: state.refused_limits.clone() })
}

/// Makes the server's key, and a key for a user who has none.
async fn make_keys(work: &Work<'_, impl Engine>, prepared: &Prepared) -> Result<(), Error> {
    let (manifest, project) = (&work.environment.manifest, &work.environment.project.directory);
    if !manifest.serves_ssh() {
        return Ok(());
    }
    recover::host_key(work, &prepared.recipe).await?;
    if let Some(own) = authorized::collect_keys(work.system, manifest, project)?.own
        && keys::make_client_key(&work.system.state_home())?
    {
        work.sink.emit(Notice::ClientKeyMade { path: own }.into());
    }
    Ok(())
}

/// Returns the way in which this host gave GPUs with this driver before.
fn known_route(prepared: &Prepared, state: &State) -> Option<GpuRoute> {
    let driver = prepared.driver().unwrap_or_default();
    state.gpu.as_ref().filter(|known| prepared.wants_gpu && known.driver == driver).map(|known| known.route)
}

/// Returns the way in which this host gives GPUs to a container: the stored one, else the result of a test start of
/// the image. Without an image nothing can be started; then any answer will do, because no container is made from it.
async fn find_route(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    observed: &Observed,
    state: &mut State,
) -> Result<Option<GpuRoute>, Error> {
    let Some(asked) =
        desired::gpu_spec(&work.environment.manifest, GpuRoute::DeviceRequest).filter(|_| prepared.wants_gpu)
    else {
        return Ok(None);
    };
    if let Some(known) = known_route(prepared, state) {
        return Ok(Some(known));
    }
    let Some(image) = &observed.image else { return Ok(Some(asked.via)) };
    let route = gpu_route(work.engine, &image.id.0, &asked.devices, &asked.driver_capabilities).await?;
    work.sink.emit(Notice::GpuRoute { route: route.name() }.into());
    state.gpu = Some(GpuMemory { route, driver: prepared.driver().unwrap_or_default() });
    Ok(Some(route))
}
