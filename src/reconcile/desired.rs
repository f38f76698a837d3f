//! Computes the container that a manifest asks for on this host.
//!
//! The function is pure: [`Circumstances`] holds everything it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::identity::Identity;
use super::mounts::{HELD_DIRECTORIES, Link, Mounts};
use super::plan::SPEC_LABEL;
use super::ports::Assigned;
use super::view::SpecView;
use crate::connect::volume;
use crate::engine::{ContainerSpec, DeviceSpec, GpuRoute, GpuSelection, GpuSpec, MountKind, MountSpec, UlimitSpec};
use crate::grants::gives_root;
use crate::manifest::{GpuDevices, Manifest};
use crate::project::EnvironmentId;
use crate::render::carried;

/// The label with the environment's ID.
pub const ID_LABEL: &str = "envctl.id";

/// The label of an image with the ID of the environment that it was built for. It is not [`ID_LABEL`]: a container
/// inherits its image's labels, and a container that a user made from the image is not an environment.
pub const IMAGE_LABEL: &str = "envctl.image-of";

/// The label with the environment's name.
pub const NAME_LABEL: &str = "envctl.name";

/// The network of all environments that name no other one. It isolates them from each other; one network for each
/// would use up an engine's addresses at about thirty.
pub const NETWORK: &str = "envctl";

/// The label with the origin of the base: [`BOOTSTRAPPED`].
pub const BASE_LABEL: &str = "envctl.base";

/// The label with the limits that the engine is not permitted to set and that the container lacks.
pub const REFUSED_LIMITS_LABEL: &str = "envctl.refused-limits";

/// The value for a base made from the distribution's own packages.
pub const BOOTSTRAPPED: &str = "bootstrap";

/// The stack limit in bytes: deep learning needs more than the kernel's default.
const STACK: i64 = 64 << 20;

/// The step in bytes to which half of the memory is rounded down, so that a small difference in the kernel's count
/// changes nothing.
const SHM_STEP: u64 = 1 << 30;

/// Everything except the manifest that decides the container's settings.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The arrangement of all mounts.
    pub mounts: &'a Mounts,
    pub id: &'a EnvironmentId,
    pub identity: &'a Identity,
    /// The image's reference.
    pub image: &'a str,
    /// The image's own variables, `NAME=value`.
    pub image_env: &'a [String],
    /// The ports of the host.
    pub ports: &'a Assigned,
    /// The host's memory in bytes.
    pub memory: Option<u64>,
    /// The way to request GPUs; `None`: the container gets none.
    pub gpu: Option<GpuRoute>,
    /// The driver version of the libraries in a container with GPUs.
    pub driver: Option<String>,
    /// The variables from the manifest's env files.
    pub variables: &'a BTreeMap<String, String>,
    /// The limits that this engine is not permitted to set.
    pub refused_limits: &'a BTreeSet<String>,
    /// The host's device nodes for the container.
    pub devices: &'a [DeviceSpec],
    /// Whether the image's base was made from the distribution's own packages.
    pub bootstrapped: bool,
}

/// The desired container.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The request to the engine.
    pub spec: ContainerSpec,
    /// The same settings as text by field.
    pub view: SpecView,
}

impl Desired {
    /// Computes the container that the manifest asks for on this host.
    #[must_use]
    pub fn new(manifest: &Manifest, here: &Circumstances<'_>) -> Self {
        let mut spec = specify_container(manifest, here);
        let mut view = SpecView::new(&spec);
        if spec.gpu.is_some() {
            view.put("driver", here.driver.clone());
        }
        let own = own_volumes(manifest, here).into_iter().map(|spec| format!("{}:{}", spec.source, spec.target));
        view.put("mounts", own.chain(here.mounts.shown.iter().cloned()));
        view.put("tmpfs", tmpfs(manifest, here));
        view.put("workdir", [container_workdir(manifest, here.identity)]);
        // On the host's network, sshd itself listens, so a new address needs a new start.
        let listener = here.ports.ssh.filter(|_| manifest.uses_host_network());
        view.put("ssh", listener.map(|port| SocketAddr::new(manifest.ssh.listen.value, port).to_string()));
        spec.labels = list_labels(manifest, here, &view);
        Self { spec, view }
    }
}

fn specify_container(manifest: &Manifest, here: &Circumstances<'_>) -> ContainerSpec {
    let run = &manifest.run;
    ContainerSpec {
        name: here.id.container(),
        hostname: choose_hostname(manifest),
        image: here.image.to_owned(),
        labels: BTreeMap::new(),
        env: list_variables(manifest, here),
        entrypoint: Vec::new(),
        command: run.command.as_ref().map(|command| command.value.clone()).unwrap_or_default(),
        workdir: engines_workdir(manifest, here),
        user: String::new(),
        mounts: mounts(manifest, here),
        ports: here.ports.published.clone(),
        gpu: here.gpu.and_then(|route| gpu_spec(manifest, route)),
        shm_size: shm_size(manifest, here.memory),
        ulimits: list_ulimits(manifest, here.refused_limits),
        init: true,
        ipc: run.ipc.as_ref().map(|ipc| ipc.value),
        restart: run.restart.as_ref().map(|restart| restart.value),
        nano_cpus: run.cpus.as_ref().map(|cpus| nano_cpus(cpus.value.get())),
        memory: run.memory.as_ref().map(|memory| memory.value.0),
        privileged: run.privileged.as_ref().is_some_and(|privileged| privileged.value),
        no_new_privileges: keeps_privileges(manifest, here.identity),
        cap_add: run.cap_add.iter().map(|capability| capability.value.to_string()).collect(),
        cap_drop: dropped_capabilities(manifest, here.identity),
        devices: here.devices.to_vec(),
        network: Some(choose_network(manifest).to_owned()),
        tmpfs: here.mounts.tmpfs.clone(),
        extra_hosts: run.extra_hosts.iter().map(|line| line.value.to_string()).collect(),
    }
}

/// Whether processes of the user must never gain privileges. If the user agreed to root, `sudo` may work.
fn keeps_privileges(manifest: &Manifest, identity: &Identity) -> bool {
    identity.uid != 0 && !gives_root(manifest)
}

/// Returns the capabilities to drop. With an engine's defaults, root inside could impersonate another environment on
/// the network and create device nodes in a directory of the host. A user who cannot become root does not have them
/// anyway, and keeps programs such as `ping` that ask for one.
fn dropped_capabilities(manifest: &Manifest, identity: &Identity) -> Vec<String> {
    let run = &manifest.run;
    if keeps_privileges(manifest, identity) || run.privileged.as_ref().is_some_and(|privileged| privileged.value) {
        return Vec::new();
    }
    let is_asked =
        |name: &str| run.cap_add.iter().any(|asked| [name, "ALL"].contains(&asked.value.to_string().as_str()));
    ["NET_RAW", "MKNOD"].into_iter().filter(|name| !is_asked(name)).map(str::to_owned).collect()
}

/// Returns the host name; empty on the host's network, where the container has the host's name.
fn choose_hostname(manifest: &Manifest) -> String {
    match &manifest.run.hostname {
        _ if manifest.uses_host_network() => String::new(),
        Some(hostname) => hostname.value.to_string(),
        None => manifest.name.value.to_string(),
    }
}

fn list_labels(manifest: &Manifest, here: &Circumstances<'_>, view: &SpecView) -> BTreeMap<String, String> {
    let label = |name: &str, value: String| (name.to_owned(), value);
    let mut labels = BTreeMap::from([
        label(ID_LABEL, here.id.to_string()),
        label(NAME_LABEL, manifest.name.value.to_string()),
        label("envctl.version", env!("CARGO_PKG_VERSION").to_owned()),
        label(SPEC_LABEL, view.hash()),
    ]);
    let refused: Vec<_> = here.refused_limits.iter().map(String::as_str).collect();
    labels.extend((!refused.is_empty()).then(|| label(REFUSED_LIMITS_LABEL, refused.join(","))));
    labels.extend(here.bootstrapped.then(|| label(BASE_LABEL, BOOTSTRAPPED.to_owned())));
    labels
}

/// Returns all variables. The manifest's own override those of its files; neither can set envctl's.
fn list_variables(manifest: &Manifest, here: &Circumstances<'_>) -> Vec<String> {
    let mut variables = here.variables.clone();
    if here.gpu.is_some() {
        // NVIDIA's images list the driver branches of their time (`NVIDIA_REQUIRE_CUDA`) and refuse others that can
        // run their CUDA. envctl compared the driver with NVIDIA's minimum versions before the build.
        variables.entry("NVIDIA_DISABLE_REQUIRE".to_owned()).or_insert_with(|| "1".to_owned());
    }
    if here.gpu.is_none_or(|route| route == GpuRoute::Cdi) {
        // If NVIDIA's runtime is the engine's default, an image's own value would give the container GPUs without a
        // request.
        variables.insert("NVIDIA_VISIBLE_DEVICES".to_owned(), "void".to_owned());
    }
    for (name, value) in &manifest.run.env {
        variables.insert(name.to_string(), value.value.to_string());
    }
    for (name, value) in here.identity.variables() {
        variables.insert(name.to_owned(), value);
    }
    if here.identity.is_named && keeps_privileges(manifest, here.identity) {
        variables.insert("ENVCTL_NAMED".to_owned(), "1".to_owned());
    }
    variables.insert("ENVCTL_SSH".to_owned(), if manifest.serves_ssh() { "1" } else { "0" }.to_owned());
    // An image that sets it would make the entrypoint skip its first half.
    variables.insert("ENVCTL_STAGE".to_owned(), "1".to_owned());
    variables.insert("ENVCTL_WORKDIR".to_owned(), container_workdir(manifest, here.identity));
    variables.insert("ENVCTL_LINKS".to_owned(), links(&here.mounts.links));
    variables.insert("ENVCTL_VOLUMES".to_owned(), here.mounts.volumes.join("\n"));
    variables.insert("ENVCTL_BINDS".to_owned(), binds(here.mounts));
    let held = here.mounts.directories.iter().map(|held| format!("{} {}", held.identity, held.target));
    variables.insert(HELD_DIRECTORIES.to_owned(), held.collect::<Vec<_>>().join("\n"));
    let project = manifest.run.project.as_ref().map(|path| path.in_home(&here.identity.home));
    variables.insert("ENVCTL_PROJECT".to_owned(), project.unwrap_or_default());
    carried::configuration(here.image_env, variables)
}

/// Returns the links for the entrypoint: one in each line, with a tab between both paths. Paths contain no control
/// characters.
fn links(links: &[Link]) -> String {
    links.iter().map(|link| format!("{}\t{}", link.target, link.place)).collect::<Vec<_>>().join("\n")
}

/// Returns, for the entrypoint, the targets of the host's writable directories, one in each line.
fn binds(mounts: &Mounts) -> String {
    let binds = mounts.specs.iter().filter(|spec| spec.kind == MountKind::Bind && !spec.read_only);
    binds.map(|spec| spec.target.as_str()).collect::<Vec<_>>().join("\n")
}

/// Returns the targets where the manifest asks for memory.
fn tmpfs(manifest: &Manifest, here: &Circumstances<'_>) -> impl Iterator<Item = String> {
    manifest.run.tmpfs.iter().map(|path| path.value.in_home(&here.identity.home))
}

/// Returns the directory where sessions begin: the requested one, else the project, else the home.
#[must_use]
pub fn container_workdir(manifest: &Manifest, identity: &Identity) -> String {
    let asked = manifest.run.workdir.as_ref().map(|path| &path.value);
    let path = asked.or(manifest.run.project.as_ref());
    path.map_or_else(|| identity.home.clone(), |path| path.in_home(&identity.home))
}

/// Returns the engine's working directory. The engine creates a missing one as root and follows links on the way. So
/// it gets a directory that always exists, and the entrypoint creates the other one.
fn engines_workdir(manifest: &Manifest, here: &Circumstances<'_>) -> String {
    let project = manifest.run.project.as_ref().map(|path| path.in_home(&here.identity.home));
    let mounted = project.filter(|at| here.mounts.links.iter().all(|link| link.target != *at));
    mounted.unwrap_or_else(|| here.identity.home.clone())
}

fn mounts(manifest: &Manifest, here: &Circumstances<'_>) -> Vec<MountSpec> {
    own_volumes(manifest, here).into_iter().chain(here.mounts.specs.iter().cloned()).collect()
}

/// Returns the environment's own volumes: the SSH server's files and the home.
fn own_volumes(manifest: &Manifest, here: &Circumstances<'_>) -> Vec<MountSpec> {
    let mut mounts = Vec::new();
    let mut volume = |source: String, target: &str| {
        mounts.push(MountSpec { kind: MountKind::Volume, source, target: target.to_owned(), read_only: false });
    };
    if manifest.serves_ssh() {
        volume(here.id.ssh_volume(), volume::DIRECTORY);
    }
    if manifest.run.persist_home {
        volume(here.id.home_volume(), &here.identity.home);
    }
    mounts
}

/// Returns the network for the engine's request.
fn choose_network(manifest: &Manifest) -> &str {
    let asked = manifest.run.network.as_ref().map(|network| network.value.as_str());
    asked.filter(|name| *name != "bridge").unwrap_or(NETWORK)
}

/// Returns the GPUs that the manifest asks for, requested in this way; `None` if it asks for none.
#[must_use]
pub fn gpu_spec(manifest: &Manifest, via: GpuRoute) -> Option<GpuSpec> {
    let devices = match &manifest.gpu.devices.value {
        GpuDevices::None => return None,
        GpuDevices::All => GpuSelection::All,
        GpuDevices::Count(count) => GpuSelection::Count(*count),
        GpuDevices::Indices(indices) => GpuSelection::Devices(indices.iter().map(u32::to_string).collect()),
        GpuDevices::Ids(ids) => GpuSelection::Devices(ids.clone()),
    };
    let driver_capabilities = manifest.gpu.driver_capabilities.iter().map(ToString::to_string).collect();
    Some(GpuSpec { via, devices, driver_capabilities })
}

/// Returns the requested size, else half of the memory that the container may use. Without its own `/dev/shm` the
/// result is `None`.
fn shm_size(manifest: &Manifest, memory: Option<u64>) -> Option<u64> {
    if manifest.run.ipc.as_ref().is_some_and(|ipc| !ipc.value.has_own_memory()) {
        return None;
    }
    if let Some(asked) = &manifest.run.shm_size {
        return Some(asked.value.0);
    }
    let limit = manifest.run.memory.as_ref().map(|memory| memory.value.0);
    let usable = [limit, memory].into_iter().flatten().min()?;
    let half = usable / 2;
    let step = if half >= SHM_STEP { SHM_STEP } else { 1 << 20 };
    Some(half / step * step)
}

fn list_ulimits(manifest: &Manifest, refused: &BTreeSet<String>) -> Vec<UlimitSpec> {
    let mut limits = BTreeMap::from([("memlock".to_owned(), (-1, -1)), ("stack".to_owned(), (STACK, STACK))]);
    limits.retain(|name, _| !refused.contains(name));
    for (name, limit) in &manifest.run.ulimits {
        limits.insert(name.to_string(), (limit.value.soft, limit.value.hard));
    }
    limits.into_iter().map(|(name, (soft, hard))| UlimitSpec { name, soft, hard }).collect()
}

fn nano_cpus(cpus: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a manifest's CPU count is checked and far below the limit")]
    let nano = (cpus * 1e9).round() as i64;
    nano
}

#[cfg(test)]
mod tests;
