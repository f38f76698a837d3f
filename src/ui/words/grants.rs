//! Describes the grants that a project asks for outside its own directory and container, and their consequences.
//!
//! The user reads these sentences before consent.

use crate::grants::{Grant, GrantKind};
use crate::text::{escaped, shell_word};
use crate::ui::page::ListItem;

/// Describes a grant: the option that gives consent, the object, its place in the manifest, and the consequence.
pub(in crate::ui) fn item(grant: &Grant) -> ListItem {
    let place = grant.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
    let changed = if grant.changed { ", changed since you agreed to it" } else { "" };
    ListItem {
        head: format!("--allow {}", shell_word(&escaped(&grant.option()))),
        text: format!("{}{place}{changed}: {}", named(grant), consequence(grant)),
    }
}

/// ``the device `/dev/fuse` (rw)``
fn named(grant: &Grant) -> String {
    let meaning = if grant.by_image { IMAGE_LINES } else { meaning(grant.kind) };
    let which = if grant.what.is_empty() { String::new() } else { format!(" `{}`", which(grant)) };
    match grant.extent.as_str() {
        "" => format!("{meaning}{which}"),
        _ if grant.is_read_only() => format!("{meaning}{which} (read-only)"),
        extent => format!("{meaning}{which} ({extent})"),
    }
}

/// Describes the object: a port as an arrow from the host's to the container's, all others as they are typed.
fn which(grant: &Grant) -> String {
    let Some(port) = grant.port() else { return grant.what.clone() };
    let (host, container) = grant.what.rsplit_once(':').unwrap_or((&grant.what, ""));
    let host = if port.host.is_none() { format!("{host}a free port") } else { host.to_owned() };
    format!("{host} -> {container}")
}

/// Describes the error about missing grants.
pub(super) fn not_granted(grants: &[Grant]) -> String {
    match grants {
        [grant] => format!("the manifest asks for {}, which nobody agreed to", named(grant)),
        _ => format!("the manifest asks for {} things that nobody agreed to", grants.len()),
    }
}

/// The text for lines that write the image, if the container's user is not root.
const IMAGE_LINES: &str = "lines of its own that write the image as root, and so can become root in the container";

/// Describes the effect of a kind of grant; a value may follow.
fn meaning(kind: GrantKind) -> &'static str {
    match kind {
        GrantKind::Privileged => "all of the host's devices and capabilities",
        GrantKind::Capabilities => "the Linux capability",
        GrantKind::Devices => "the device",
        GrantKind::HostNetwork => "the host's network",
        GrantKind::HostIpc => "the shared memory of the host's processes",
        GrantKind::EngineNetwork => "a network that other containers use:",
        GrantKind::EngineSocket => "the container engine's socket, which is root on this host:",
        GrantKind::Mounts => "a mount from outside the project:",
        GrantKind::Volumes => "a volume that this environment did not make:",
        GrantKind::RootUser => "root inside the container; what it writes in the project belongs to root on this host",
        GrantKind::SshBeyondLoopback => "an SSH server reachable from other machines:",
        GrantKind::PortsBeyondLoopback => "a port reachable from other machines:",
        GrantKind::EnvFile => "variables from outside the project:",
        GrantKind::Variables => "your environment variable",
        GrantKind::AuthorizedKeys => "public keys from outside the project:",
        GrantKind::BuildSecrets => "a secret for the build:",
        GrantKind::Image => "an image of its own choice:",
        GrantKind::NetworkSettings => "a network setting that downloads use:",
        GrantKind::PackageUrls => "a Python package from the address",
        GrantKind::LocalOverlay => "everything beyond the project that is asked for by",
        GrantKind::PackageBuilds => {
            "code of packages without wheels, run in a container that downloads, to know what they need"
        }
        GrantKind::LockSources => "images, indexes and packages that only the lock names",
    }
}

/// Describes the consequence: the new abilities of the project's code.
fn consequence(grant: &Grant) -> &'static str {
    match grant.kind {
        _ if grant.is_read_only() => "reads what is in it",
        GrantKind::Privileged | GrantKind::EngineSocket => "root on this host",
        kind if kind.is_root_capability(&grant.what) => "root on this host",
        GrantKind::Capabilities => "what this capability allows, beyond a container's usual rights",
        GrantKind::Devices => "use of the device itself; with a disk, root on this host",
        GrantKind::HostNetwork => "reaches every service of this host and can listen in its place",
        GrantKind::HostIpc => "reads and changes the shared memory of every process here",
        GrantKind::EngineNetwork => "reaches every container on that network",
        GrantKind::Mounts | GrantKind::Volumes => "reads and changes what is in it",
        GrantKind::RootUser if grant.by_image => "can leave files in the project that belong to root here",
        GrantKind::RootUser => "leaves files in the project that belong to root here",
        GrantKind::SshBeyondLoopback | GrantKind::PortsBeyondLoopback => "other machines reach it",
        GrantKind::EnvFile | GrantKind::Variables | GrantKind::AuthorizedKeys | GrantKind::BuildSecrets => {
            "reads it and can send it anywhere"
        }
        GrantKind::Image => "reads that image, and may run its programs in a build",
        GrantKind::NetworkSettings => "decides whom downloads ask and trust",
        GrantKind::PackageUrls => "this host asks that address, and installs what it answers",
        GrantKind::LocalOverlay => "everything that the file asks for now",
        GrantKind::PackageBuilds => "reads the password of your package index, if it has one",
        GrantKind::LockSources => "packages and images come from where the lock says",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(kind: GrantKind, what: &str) -> Grant {
        Grant { place: Some("envctl.toml:4".to_owned()), ..Grant::for_tests(kind, what) }
    }

    #[test]
    fn every_kind_says_what_it_gives_and_what_follows() {
        let all = GrantKind::ALL.map(|kind| match kind {
            GrantKind::Privileged
            | GrantKind::HostNetwork
            | GrantKind::HostIpc
            | GrantKind::RootUser
            | GrantKind::PackageBuilds
            | GrantKind::LockSources => item(&grant(kind, "")).line(),
            kind => item(&grant(kind, "x")).line(),
        });
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn how_far_it_goes_is_said() {
        let extent = |extent: &str| Grant { extent: extent.to_owned(), ..grant(GrantKind::Mounts, "/srv") };
        let overlay = Some(("envctl.local.toml".to_owned(), "0123".to_owned()));
        let grants = [
            grant(GrantKind::Privileged, ""),
            grant(GrantKind::Capabilities, "SYS_ADMIN"),
            grant(GrantKind::PortsBeyondLoopback, "0.0.0.0:80:8000"),
            grant(GrantKind::PortsBeyondLoopback, "0.0.0.0::8000"),
            grant(GrantKind::BuildSecrets, "$TOKEN"),
            Grant { by_image: true, ..grant(GrantKind::RootUser, "") },
            extent("ro"),
            Grant { kind: GrantKind::Devices, ..extent("rwm") },
            Grant { overlay, place: None, changed: true, ..extent("") },
        ];
        insta::assert_snapshot!(grants.iter().map(|grant| item(grant).line()).collect::<Vec<_>>().join("\n"));
    }
}
