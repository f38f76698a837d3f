//! Checks that the keys of a manifest can hold together. Each key is valid alone when this check starts.
//!
//! It reports every contradiction, such as one host port in two lines, and never stops at the first.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::problem::ProblemKind;
use super::reader::Reader;
use super::system_place::{is_given, touches_given};
use super::types::ContainerPath;
use super::{GpuDevices, Located, Manifest};

/// The variables that envctl sets, each with the setting that decides it.
const VARIABLES: [(&str, &str); 3] = [
    ("NVIDIA_VISIBLE_DEVICES", "`devices` in `[gpu]`"),
    ("NVIDIA_DRIVER_CAPABILITIES", "`driver-capabilities` in `[gpu]`"),
    ("VIRTUAL_ENV", "`[python]`: the environment's own interpreter comes first on the path"),
];

/// Reports every contradiction between keys.
pub(super) fn contradictions(reader: &mut Reader, manifest: &Manifest) {
    ports(reader, manifest);
    targets(reader, manifest);
    network(reader, manifest);
    shared_memory(reader, manifest);
    variables(reader, manifest);
    secrets(reader, manifest);
    devices(reader, manifest);
}

fn span<T>(value: &Located<T>) -> Range<usize> {
    value.span.clone().unwrap_or_default()
}

fn ports(reader: &mut Reader, manifest: &Manifest) {
    let mut seen: BTreeMap<(u16, super::Protocol), Vec<&Located<super::Port>>> = BTreeMap::new();
    for port in &manifest.run.ports {
        let Some(host) = port.value.host.filter(|_| port.value.host_last.is_none()) else { continue };
        let meets = |other: &&Located<super::Port>| {
            let addresses = [other.value.address, port.value.address];
            addresses[0] == addresses[1] || addresses.into_iter().flatten().any(|address| address.is_unspecified())
        };
        let earlier = seen.entry((host, port.value.protocol)).or_default();
        if let Some(first) = earlier.iter().copied().find(meets) {
            reader.problem_with(ProblemKind::PortTwice { port: host }, &span(port), span(first), "the first");
        }
        earlier.push(port);
        let ssh = manifest.ssh.port.as_ref().filter(|ssh| manifest.ssh.enabled && ssh.value == host);
        if let Some(ssh) = ssh.filter(|_| port.value.protocol == super::Protocol::Tcp) {
            reader.problem_with(ProblemKind::PortIsSsh { port: host }, &span(port), span(ssh), "the SSH server's");
        }
    }
}

fn targets(reader: &mut Reader, manifest: &Manifest) {
    let run = &manifest.run;
    let mounts = run.mounts.iter().map(|mount| (&mount.value.target, span(mount)));
    let memory = run.tmpfs.iter().map(|target| (&target.value, span(target)));
    let project = run.project.iter().map(|project| (project, reader.span_of("run.project"))).collect::<Vec<_>>();
    // The kernel's files of a process lead out of the container.
    if let Some(workdir) = run.workdir.as_ref().filter(|workdir| is_given(Path::new(workdir.value.as_str()))) {
        reader.problem(ProblemKind::TargetReserved { target: workdir.value.to_string() }, &span(workdir));
    }
    let mut seen: BTreeMap<&ContainerPath, Range<usize>> = BTreeMap::new();
    for (target, span) in project.into_iter().chain(mounts).chain(memory) {
        // The target is a path that an environment needs, or a directory above or below it.
        if touches_given(Path::new(target.as_str())) {
            reader.problem(ProblemKind::TargetReserved { target: target.to_string() }, &span);
        } else if let Some(first) = seen.get(target) {
            let kind = ProblemKind::TargetTwice { target: target.to_string() };
            if first.is_empty() {
                reader.problem(kind, &span);
            } else {
                reader.problem_with(kind, &span, first.clone(), "the first");
            }
        } else {
            seen.insert(target, span);
        }
    }
}

fn network(reader: &mut Reader, manifest: &Manifest) {
    let Some(network) = &manifest.run.network else { return };
    let mode = network.value.as_str();
    if let Some(port) = manifest.run.ports.first().filter(|_| ["none", "host"].contains(&mode)) {
        let kind = ProblemKind::PortsWithoutNetwork { mode: mode.to_owned() };
        reader.problem_with(kind, &span(port), span(network), "the network");
    }
    if let Some(hostname) = manifest.run.hostname.as_ref().filter(|_| mode == "host") {
        reader.problem_with(ProblemKind::HostnameOnHostNetwork, &span(hostname), span(network), "the network");
    }
    if mode == "none" && manifest.ssh.enabled {
        reader.problem(ProblemKind::SshWithoutNetwork, &span(network));
    }
}

fn shared_memory(reader: &mut Reader, manifest: &Manifest) {
    let (Some(size), Some(ipc)) = (&manifest.run.shm_size, &manifest.run.ipc) else { return };
    if !ipc.value.has_own_memory() {
        let kind = ProblemKind::ShmWithoutIpc { mode: ipc.value.to_string() };
        reader.problem_with(kind, &span(size), span(ipc), "no shared memory of its own");
    }
}

/// The variables of NVIDIA that programs read. Its container toolkit reads any other one, and gives devices of the host for
/// some (`NVIDIA_MOFED`, `NVIDIA_GDS`, `NVIDIA_IMEX_CHANNELS`).
const OF_PROGRAMS: [&str; 3] = ["NVIDIA_DISABLE_REQUIRE", "NVIDIA_TF32_OVERRIDE", "NVIDIA_LOG_LEVEL"];

/// The setting to use in place of a variable that envctl sets. `None`: the name is free.
#[must_use]
pub fn reserved_variable(name: &str) -> Option<&'static str> {
    let own = name.starts_with("ENVCTL_").then_some("a name without `ENVCTL_`");
    let fixed = || VARIABLES.iter().find(|(reserved, _)| *reserved == name).map(|(_, instead)| *instead);
    let of_toolkit = || {
        let is_of_toolkit = name.starts_with("NVIDIA_") && !OF_PROGRAMS.contains(&name);
        is_of_toolkit
            .then_some("`[run] devices`, which is asked about: the NVIDIA container toolkit reads this variable")
    };
    own.or_else(fixed).or_else(of_toolkit)
}

/// Variables with lists of directories, which people extend with the variable itself in a shell.
const DIRECTORY_LISTS: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "PYTHONPATH"];

fn variables(reader: &mut Reader, manifest: &Manifest) {
    for (name, value) in &manifest.run.env {
        // In other variables a dollar sign can be part of the value, such as a password.
        if DIRECTORY_LISTS.contains(&name.as_str()) && names_variable(value.value.as_str(), name.as_str()) {
            reader.problem(ProblemKind::UnexpandedVariable { name: name.to_string() }, &span(value));
        }
        if let Some(instead) = reserved_variable(name.as_str()) {
            reader.problem(ProblemKind::ReservedVariable { name: name.to_string(), instead }, &span(value));
        }
    }
}

/// Whether a shell would put the value of `name` into this text: `$NAME`, `${NAME}`, `${NAME:+…}`.
fn names_variable(text: &str, name: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest).strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

fn secrets(reader: &mut Reader, manifest: &Manifest) {
    let secrets = &manifest.build.secrets;
    for (at, secret) in secrets.iter().enumerate() {
        if let Some(first) = secrets[..at].iter().find(|first| first.value.id() == secret.value.id()) {
            let kind = ProblemKind::Twice { text: secret.value.id().to_owned(), key: "build.secrets" };
            reader.problem_with(kind, &span(secret), span(first), "the first");
        }
    }
}

fn devices(reader: &mut Reader, manifest: &Manifest) {
    let devices = &manifest.gpu.devices;
    let texts: Vec<String> = match &devices.value {
        GpuDevices::Indices(indices) => indices.iter().map(u32::to_string).collect(),
        GpuDevices::Ids(ids) => ids.clone(),
        GpuDevices::All | GpuDevices::None | GpuDevices::Count(_) => Vec::new(),
    };
    if let Some((_, text)) = texts.iter().enumerate().find(|(at, text)| texts[..*at].contains(text)) {
        reader.problem(ProblemKind::Twice { text: text.clone(), key: "gpu.devices" }, &span(devices));
    }
    if devices.value == GpuDevices::None && manifest.gpu.optional {
        let optional = reader.span_of("gpu.optional");
        reader.problem_with(ProblemKind::OptionalWithoutGpu, &optional, span(devices), "a CPU environment");
    }
}

impl Manifest {
    /// The keys in use that are read and checked but have no effect in this version. Verbs that would need them refuse,
    /// and `check` warns.
    #[must_use]
    pub fn not_yet(&self) -> Vec<NotYet> {
        let run = &self.run;
        let x11 = run.x11.as_ref().filter(|x11| x11.value).map(|x11| ("run.x11", &x11.span));
        let selinux = run.selinux.as_ref().map(|selinux| ("run.selinux", &selinux.span));
        let volumes = run.volumes_from.first().map(|volumes| ("run.volumes-from", &volumes.span));
        let used = [x11, selinux, volumes].into_iter().flatten();
        used.map(|(key, span)| NotYet { key, span: span.clone() }).collect()
    }
}

/// A key in use that has no effect in this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotYet {
    /// The key with its table, such as `run.x11`.
    pub key: &'static str,
    pub span: Option<Range<usize>>,
}
