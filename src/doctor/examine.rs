//! Judges the observations of a machine and returns findings. The function is pure.
//!
//! Each examined part gives one finding, in a fixed order.

use std::collections::BTreeSet;

use crate::engine::EngineInfo;
use crate::setup::{ContainerToolkit, Need};

use super::{Diagnosis, DiskRoom, EngineSeen, GpuReach, Seen, SshConfig};

/// The oldest supported engine, as major and minor. It is the first with a `BuildKit` that supports the builds.
pub const OLDEST_ENGINE: (u32, u32) = (20, 10);
/// Enough free bytes: the GPU build of a large framework needs 10 GiB while it runs.
const ENOUGH_DISK: u64 = 20 << 30;
/// The free bytes below which even a small image cannot be built.
const LITTLE_DISK: u64 = 2 << 30;

/// One finding for each examined part, in a fixed order.
#[must_use]
pub fn examine(seen: &Seen) -> Vec<Diagnosis> {
    let mut findings = examine_engine(&seen.engine, &seen.missing);
    findings.extend(examine_disk(seen));
    findings.extend(examine_gpus(seen));
    findings.push(Diagnosis::Pip { found: !seen.missing.contains(&Need::Pip) });
    findings.extend(examine_bootstrap(seen));
    findings.extend(examine_ssh(seen));
    findings.push(seen.certificates.clone().map_or(Diagnosis::NoCertificates, Diagnosis::Certificates));
    findings.extend((!seen.proxy.is_empty()).then(|| Diagnosis::Proxy(seen.proxy.clone())));
    findings
}

fn examine_engine(seen: &EngineSeen, missing: &BTreeSet<Need>) -> Vec<Diagnosis> {
    let (info, build_kit) = match seen {
        EngineSeen::Answers { info, build_kit } => (info.clone(), *build_kit),
        EngineSeen::Fails { message, hints } => {
            return vec![Diagnosis::EngineFails { message: message.clone(), hints: hints.clone() }];
        }
    };
    if info.kind != "docker" {
        return vec![Diagnosis::OtherEngine(info)];
    }
    let is_old = major_minor(&info.version).is_some_and(|version| version < OLDEST_ENGINE);
    let mut findings = vec![if is_old { Diagnosis::OldEngine(info) } else { Diagnosis::Engine(info) }];
    findings.extend(missing.contains(&Need::Ps).then_some(Diagnosis::NoPs));
    findings.push(Diagnosis::BuildKit { offered: build_kit });
    findings
}

/// Parses the major and the minor: `20.10.24+dfsg1` → 20 and 10.
fn major_minor(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn examine_disk(seen: &Seen) -> Option<Diagnosis> {
    let space = seen.engine_disk.clone()?;
    let room = match space.free {
        ..LITTLE_DISK => DiskRoom::None,
        LITTLE_DISK..ENOUGH_DISK => DiskRoom::Little,
        _ => DiskRoom::Enough,
    };
    Some(Diagnosis::Disk { space, room })
}

fn examine_gpus(seen: &Seen) -> Vec<Diagnosis> {
    let mut findings: Vec<_> = seen.host.problems.iter().cloned().map(Diagnosis::HostProblem).collect();
    let count = seen.host.gpus.len();
    match &seen.host.driver {
        None => findings.extend((count == 0).then_some(Diagnosis::NoGpu)),
        Some(driver) => {
            findings.push(Diagnosis::Gpu { driver: driver.value.to_string(), count, reach: gpu_reach(seen) });
        }
    }
    findings
}

/// The way in which the engine offers GPUs.
fn gpu_reach(seen: &Seen) -> GpuReach {
    let EngineSeen::Answers { info, .. } = &seen.engine else { return GpuReach::Unknown };
    if is_cdi(info) {
        GpuReach::Cdi
    } else if info.runtimes.iter().any(|name| name == "nvidia") {
        GpuReach::Runtime
    } else if seen.toolkit == ContainerToolkit::Installed {
        GpuReach::UnusedToolkit
    } else {
        GpuReach::NoToolkit
    }
}

fn is_cdi(info: &EngineInfo) -> bool {
    info.cdi.iter().any(|name| name.contains("nvidia.com/gpu"))
}

/// Checks the tool for base images. Only a user who asks for `--bootstrap` needs it.
fn examine_bootstrap(seen: &Seen) -> Option<Diagnosis> {
    let debian = seen
        .host
        .distribution
        .as_ref()
        .is_some_and(|tag| tag.value.starts_with("debian") || tag.value.starts_with("ubuntu"));
    let missing = seen.missing.contains(&Need::Mmdebstrap) || seen.missing.contains(&Need::UidMap);
    (debian && missing).then_some(Diagnosis::NoBootstrap)
}

fn examine_ssh(seen: &Seen) -> Vec<Diagnosis> {
    if seen.missing.contains(&Need::SshClient) {
        return vec![Diagnosis::NoSshClient];
    }
    let config = match &seen.ssh_config {
        SshConfig::Unreadable { reason } => Diagnosis::SshConfigUnreadable { reason: reason.clone() },
        SshConfig::Readable { exposed: true, .. } => Diagnosis::SshConfigExposed,
        SshConfig::Readable { included: false, writable: false, .. } => Diagnosis::SshConfigFixed,
        SshConfig::Readable { included, .. } => Diagnosis::SshConfig { included: *included },
        SshConfig::Absent => Diagnosis::SshConfig { included: false },
    };
    vec![config, Diagnosis::SshKeys { count: seen.ssh_keys, agent: seen.ssh_agent }]
}

#[cfg(test)]
mod tests;
