//! What there is and what there is to be, side by side, with the plan that leads from one to the other. Looks, changes
//! nothing but a person's first key.

use super::desired::{Circumstances, Desired, ID_LABEL, serves_ssh, uses_host_network};
use super::plan::{Observed, Plan, Target, Wanted, plan};
use super::ports::{self, Assigned};
use super::prepare::Prepared;
use super::up::Work;
use super::view::SpecView;
use super::{ReconcileError, lifecycle};
use crate::connect::keys::KeyPair;
use crate::connect::volume::{self, ServerFiles};
use crate::connect::{Endpoint, authorized, keys, reachable};

use crate::engine::{ContainerId, ContainerStatus, Engine, GpuRoute, ImageState, gpu_route};
use crate::error::Error;
use crate::event::Event;
use crate::manifest::Manifest;
use crate::project::State;
use crate::project::environments_directory;
use crate::project::state::GpuMemory;
use crate::render::{RenderError, SessionEnv, SshdSocket, sshd_config};

/// The Python that an editor is to be pointed at.
const INTERPRETER: &str = "/opt/envctl/venv/bin/python";

/// See the module.
pub struct Survey {
    pub ports: Assigned,
    pub desired: Desired,
    /// None without an SSH server.
    pub ssh: Option<SshSide>,
    pub observed: Observed,
    pub plan: Plan,
    /// The container, once the plan is carried out.
    pub container: Option<ContainerId>,
}

/// What the SSH server gets and how it is reached.
pub struct SshSide {
    pub tar: Vec<u8>,
    pub hash: String,
    pub endpoint: Endpoint,
    pub host_key: KeyPair,
}

impl Survey {
    /// Whether a limit is envctl's default rather than the manifest's wish.
    #[must_use]
    pub fn chose_limit(&self, work: &Work<'_, impl Engine>, limit: &str) -> bool {
        let asked = work.environment.manifest.run.ulimits.keys().any(|name| name.as_str() == limit);
        !asked && self.desired.spec.ulimits.iter().any(|sent| sent.name == limit)
    }
}

/// Looks at everything once.
pub async fn survey(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    wanted: Wanted,
) -> Result<Survey, Error> {
    let (environment, manifest) = (work.environment, &work.environment.manifest);
    let tag = prepared.recipe.build.tag.as_str();
    let container = lifecycle::find(work.engine, &environment.id).await?;
    if let Some(paused) = container.as_ref().filter(|container| container.status == ContainerStatus::Paused) {
        return Err(ReconcileError::Paused { name: paused.name.clone() }.into());
    }
    let image = work.engine.image(tag).await?;
    let environments = environments_directory(work.system);
    let ports = ports::assign(work.engine, environment, state, container.as_ref(), &environments, work.sink).await?;
    let gpu = route(work, prepared, state, image.as_ref()).await?;
    let desired = Desired::new(
        manifest,
        &Circumstances {
            mounts: &prepared.mounts,
            id: &environment.id,
            identity: &prepared.identity,
            image: tag,
            image_env: image.as_ref().map(|image| image.env.as_slice()).unwrap_or_default(),
            ports: &ports,
            memory: prepared.memory(),
            gpu,
            driver: prepared.driver(),
            variables: &prepared.variables,
            refused_limits: &state.refused_limits,
            bootstrapped: prepared.bootstrapped,
        },
    );
    let ssh =
        if serves_ssh(manifest) { Some(ssh_side(work, prepared, &ports, &desired, image.as_ref())?) } else { None };
    let view = state.spec.clone().and_then(|spec| serde_json::from_value::<SpecView>(spec).ok());
    let observed = Observed { image, container, view, ssh_files: state.ssh_files.clone() };
    let target = Target {
        image: tag,
        view: &desired.view,
        ssh_files: ssh.as_ref().map(|ssh| ssh.hash.as_str()),
        publishes: !desired.spec.ports.is_empty(),
    };
    let plan = plan(&target, &observed, wanted);
    debug_assert!(desired.spec.labels.contains_key(ID_LABEL), "a container without its ID would be lost");
    Ok(Survey { ports, desired, ssh, observed, plan, container: None })
}

/// How this host gives a container its GPUs: as remembered, else found by a dry start of the image. Before there is an
/// image there is nothing to start; any answer will do then, because nothing is made from it.
async fn route(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    state: &mut State,
    image: Option<&ImageState>,
) -> Result<Option<GpuRoute>, Error> {
    if !prepared.wants_gpu {
        return Ok(None);
    }
    let driver = prepared.driver().unwrap_or_default();
    if let Some(known) = state.gpu.as_ref().filter(|known| known.driver == driver) {
        return Ok(Some(known.route));
    }
    let Some(image) = image else { return Ok(Some(GpuRoute::DeviceRequest)) };
    let Some(gpu) = super::desired::gpu(&work.environment.manifest, GpuRoute::DeviceRequest) else { return Ok(None) };
    let route = gpu_route(work.engine, &image.id.0, &gpu.devices, &gpu.driver_capabilities).await?;
    work.sink.emit(Event::Debug { message: format!("the engine gives containers a GPU by {route:?}") });
    state.gpu = Some(GpuMemory { route, driver });
    Ok(Some(route))
}

fn ssh_side(
    work: &Work<'_, impl Engine>,
    prepared: &Prepared,
    ports: &Assigned,
    desired: &Desired,
    image: Option<&ImageState>,
) -> Result<SshSide, Error> {
    let (environment, manifest) = (work.environment, &work.environment.manifest);
    let host_key = keys::host_key(&environment.directory, environment.id.as_str())?;
    let who = authorized::collect(work.system, manifest, &environment.project.directory)?;
    if let Some(own) = &who.own {
        let message = format!("you have no SSH key; one was made for envctl alone: `{}`", own.display());
        work.sink.emit(Event::Debug { message });
    }
    let image_env = image.map(|image| image.env.as_slice()).unwrap_or_default();
    let session = SessionEnv::new(image_env.iter().chain(&desired.spec.env).map(String::as_str));
    let socket = socket(manifest, ports);
    let config = sshd_config(&prepared.identity.user, &session, socket).map_err(RenderError::from)?;
    let files = ServerFiles {
        host_key: &host_key.private,
        host_key_public: &host_key.public,
        authorized: &who.lines,
        config: &config,
    };
    let tar = files.tar();
    let endpoint = Endpoint {
        id: environment.id.to_string(),
        // Who else has the short name is found out when it is given, once.
        alias: None,
        address: reachable(manifest.ssh.listen.value),
        port: ports.ssh.unwrap_or_default(),
        user: prepared.identity.user.clone(),
        interpreter: INTERPRETER.to_owned(),
        project: environment.project.root.clone(),
        workspace: workspace(manifest, &prepared.identity.home),
        fingerprint: host_key.fingerprint.clone(),
        known_hosts: environment.directory.join("known_hosts"),
        identities: who.identities,
        command: String::new(),
    };
    Ok(SshSide { hash: volume::hash(&tar), tar, endpoint, host_key })
}

/// In the host's network sshd itself listens where the manifest says, and nowhere else.
fn socket(manifest: &Manifest, ports: &Assigned) -> SshdSocket {
    match ports.ssh.filter(|_| uses_host_network(manifest)) {
        Some(port) => SshdSocket::Host { address: manifest.ssh.listen.value, port },
        None => SshdSocket::Container,
    }
}

fn workspace(manifest: &Manifest, home: &str) -> Option<String> {
    manifest.run.project.as_ref().map(|path| path.in_home(home))
}
