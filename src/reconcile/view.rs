//! The settings that a container is made from, as text by field. Pure. The text is hashed, stored in the state, and
//! shown when it changes.
//!
//! Values of variables are never stored: a fingerprint represents each. An empty field is omitted, so that a later
//! envctl with more fields does not find every container changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::engine::{ContainerSpec, DeviceSpec, GpuSelection, GpuSpec, MountSpec, PublishedPort, UlimitSpec};
use crate::manifest::Protocol;
use crate::render::carried;

/// The items of each field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpecView(BTreeMap<String, Vec<String>>);

/// The separator between a variable's name and the fingerprint of its value.
const MASK: &str = "=#";

/// Variables that repeat other fields or never change.
const UNTOLD: [&str; 5] = ["ENVCTL_LINKS=", "ENVCTL_NAMED=", "ENVCTL_SESSION=", "ENVCTL_STAGE=", "ENVCTL_WORKDIR="];

impl SpecView {
    /// Returns the view as the state stores it.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("lists of texts by field are plain data, which JSON can hold")
    }

    /// Returns the view of a specification. The image is left out, because its change has a separate reason.
    #[must_use]
    pub fn new(spec: &ContainerSpec) -> Self {
        let ContainerSpec {
            name: _,
            hostname,
            image: _,
            labels: _,
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
        let mut view = Self::default();
        view.put("hostname", one(hostname));
        view.put("env", env.iter().filter_map(|pair| variable(pair)));
        view.put("entrypoint", entrypoint.iter().cloned());
        view.put("command", command.iter().cloned());
        view.put("workdir", one(workdir));
        view.put("user", one(user));
        view.put("mounts", mounts.iter().map(mount));
        view.put("ports", ports.iter().map(port));
        view.put("gpu", gpu.iter().map(gpu_words));
        view.put("shm-size", shm_size.iter().map(|bytes| size(*bytes)));
        view.put("ulimits", ulimits.iter().map(ulimit));
        view.put("init", flag(*init));
        view.put("ipc", ipc.iter().map(ToString::to_string));
        view.put("restart", restart.iter().map(ToString::to_string));
        view.put("cpus", nano_cpus.iter().map(|nano| cpus(*nano)));
        view.put("memory", memory.iter().map(|bytes| size(*bytes)));
        view.put("privileged", flag(*privileged));
        view.put("no-new-privileges", flag(*no_new_privileges));
        view.put("cap-add", cap_add.iter().cloned());
        view.put("cap-drop", cap_drop.iter().cloned());
        view.put("devices", devices.iter().map(device));
        view.put("network", network.iter().cloned());
        view.put("tmpfs", tmpfs.iter().cloned());
        view.put("extra-hosts", extra_hosts.iter().cloned());
        view
    }

    /// Adds a field of envctl's own to the engine's fields (the driver of a container's libraries).
    pub fn put(&mut self, field: &str, items: impl IntoIterator<Item = String>) {
        let items: Vec<String> = items.into_iter().collect();
        if !items.is_empty() {
            self.0.insert(field.to_owned(), items);
        }
    }

    /// Returns sixteen hex digits for the whole view.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(&self.0).expect("a map of texts is plain data, which JSON can hold");
        digits(text.as_bytes(), 8)
    }

    /// Returns the changes from this view to another, by field.
    #[must_use]
    pub fn changes(&self, to: &Self) -> Vec<FieldChange> {
        let mut fields: Vec<&String> = self.0.keys().chain(to.0.keys()).collect();
        fields.sort();
        fields.dedup();
        let changed = fields.into_iter().filter(|field| self.0.get(*field) != to.0.get(*field));
        changed.map(|field| FieldChange::of(field, self.items(field), to.items(field))).collect()
    }

    fn items(&self, field: &str) -> &[String] {
        self.0.get(field).map_or(&[], Vec::as_slice)
    }
}

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The field, as the manifest names it: `mounts`.
    pub field: String,
    /// The removed items.
    pub from: Vec<String>,
    /// The added items.
    pub to: Vec<String>,
}

impl FieldChange {
    fn of(field: &str, from: &[String], to: &[String]) -> Self {
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|item| !those.contains(item)).map(|item| unmasked(item)).collect::<Vec<_>>()
        };
        let (mut gone, mut come) = (only(from, to), only(to, from));
        if gone.is_empty() && come.is_empty() {
            // The same items in another order, as in a command.
            gone = from.to_vec();
            come = to.to_vec();
        }
        Self { field: field.to_owned(), from: gone, to: come }
    }
}

fn one(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn flag(on: bool) -> Option<String> {
    on.then(|| "true".to_owned())
}

/// Returns a variable as a user names it, from any field. Links are shown with the mounts.
fn variable(pair: &str) -> Option<String> {
    let carried = carried::given_back(pair).map(|(name, value)| format!("{name}={value}"));
    let is_told = pair.contains('=') && !UNTOLD.iter().any(|name| pair.starts_with(name));
    is_told.then(|| masked(carried.as_deref().unwrap_or(pair)))
}

fn masked(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    format!("{name}{MASK}{}", digits(value.as_bytes(), 6))
}

fn unmasked(item: &str) -> String {
    item.split_once(MASK).map_or(item, |(name, _)| name).to_owned()
}

fn mount(mount: &MountSpec) -> String {
    let MountSpec { kind: _, source, target, read_only } = mount;
    let end = if *read_only { ":ro" } else { "" };
    format!("{source}:{target}{end}")
}

fn port(port: &PublishedPort) -> String {
    let PublishedPort { address, host, container, protocol } = port;
    let end = if *protocol == Protocol::Tcp { String::new() } else { format!("/{protocol}") };
    let address = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
    format!("{address}:{host}:{container}{end}")
}

fn gpu_words(gpu: &GpuSpec) -> String {
    let GpuSpec { via, devices, driver_capabilities } = gpu;
    let devices = match devices {
        GpuSelection::All => "all".to_owned(),
        GpuSelection::Count(count) => format!("any {count}"),
        GpuSelection::Devices(devices) => devices.join(","),
    };
    format!("{devices} ({}) via {via:?}", driver_capabilities.join(","))
}

fn ulimit(limit: &UlimitSpec) -> String {
    let UlimitSpec { name, soft, hard } = limit;
    if soft == hard { format!("{name}={soft}") } else { format!("{name}={soft}:{hard}") }
}

fn device(device: &DeviceSpec) -> String {
    let DeviceSpec { host, container, permissions } = device;
    format!("{host}:{container}:{permissions}")
}

fn cpus(nano: i64) -> String {
    let (whole, part) = (nano / 1_000_000_000, nano % 1_000_000_000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:09}").trim_end_matches('0').to_owned() }
}

/// Returns a size in the largest unit that divides it.
fn size(bytes: u64) -> String {
    let units = [(30, "g"), (20, "m"), (10, "k")];
    let fits = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    fits.map_or_else(|| bytes.to_string(), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}

fn digits(bytes: &[u8], count: usize) -> String {
    hex(&Sha256::digest(bytes)[..count])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MountKind;

    fn spec() -> ContainerSpec {
        ContainerSpec {
            hostname: "lab".to_owned(),
            env: vec!["TOKEN=secret".to_owned(), "MODE=fast".to_owned()],
            mounts: vec![MountSpec {
                kind: MountKind::Bind,
                source: "/srv/data".to_owned(),
                target: "/data".to_owned(),
                read_only: true,
            }],
            shm_size: Some(8 << 30),
            init: true,
            ..ContainerSpec::default()
        }
    }

    #[test]
    fn no_value_of_a_variable_is_kept() {
        let text = serde_json::to_string(&SpecView::new(&spec())).unwrap();
        assert!(text.contains("TOKEN") && !text.contains("secret"), "{text}");
    }

    #[test]
    fn what_changed_is_told_by_field() {
        let old = SpecView::new(&spec());
        let mut new = spec();
        new.env[0] = "TOKEN=other".to_owned();
        new.mounts.clear();
        new.shm_size = Some(512 << 20);
        new.nano_cpus = Some(1_500_000_000);
        let new = SpecView::new(&new);
        let told: Vec<_> = old
            .changes(&new)
            .iter()
            .map(|change| format!("{}: {} -> {}", change.field, change.from.join(" "), change.to.join(" ")))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        cpus:  -> 1.5
        env: TOKEN -> TOKEN
        mounts: /srv/data:/data:ro -> 
        shm-size: 8g -> 512m
        ");
        assert_ne!(old.hash(), new.hash());
    }

    #[test]
    fn the_same_gives_the_same_and_survives_being_kept() {
        let view = SpecView::new(&spec());
        let kept: SpecView = serde_json::from_str(&serde_json::to_string(&view).unwrap()).unwrap();
        assert_eq!(kept, view);
        assert_eq!(kept.hash(), view.hash());
        assert!(view.changes(&kept).is_empty());
    }
}
