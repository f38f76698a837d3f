//! Judges what was seen.

use std::collections::BTreeSet;

use crate::engine::EngineInfo;
use crate::setup::{ContainerToolkit, Need};

use super::{Diagnosis, EngineSeen, Seen, SshConfig};

/// The oldest engine this tool speaks to: the first whose `BuildKit` takes what the builds need.
const OLDEST_ENGINE: (u32, u32) = (20, 10);
/// A GPU build of a big framework takes 10 GiB while it is made.
const ENOUGH_DISK: u64 = 20 << 30;
/// Below this not even a small image is built.
const LITTLE_DISK: u64 = 2 << 30;

const SETUP: &str = "envctl setup";

/// One finding for each thing looked at, in a fixed order.
#[must_use]
pub fn examine(seen: &Seen) -> Vec<Diagnosis> {
    let mut findings = engine(&seen.engine, &seen.missing);
    findings.extend(disk(seen));
    findings.extend(gpu(seen));
    findings.push(packages(seen));
    findings.extend(bootstrap(seen));
    findings.extend(ssh(seen));
    findings.extend(network(seen));
    findings
}

fn engine(seen: &EngineSeen, missing: &BTreeSet<Need>) -> Vec<Diagnosis> {
    const SUBJECT: &str = "container engine";
    let (info, build_kit) = match seen {
        EngineSeen::Answers { info, build_kit } => (info, *build_kit),
        EngineSeen::Fails { message, hints } => {
            return vec![Diagnosis { mend: hints.clone(), ..Diagnosis::broken(SUBJECT, message.clone()) }];
        }
    };
    let named = format!("{} {} answers at `{}`", info.kind, info.version, info.endpoint);
    if info.kind != "docker" {
        let message = format!("{named}, and only Docker Engine is supported yet");
        return vec![Diagnosis::broken(SUBJECT, message).mend("name a Docker Engine with `--engine` or `DOCKER_HOST`")];
    }
    let mut findings = match version(&info.version) {
        Some(version) if version < OLDEST_ENGINE => {
            let (major, minor) = OLDEST_ENGINE;
            let message = format!("{named}, and {major}.{minor} or newer is needed");
            vec![Diagnosis::broken(SUBJECT, message).mend("upgrade it with this machine's package manager")]
        }
        _ => vec![Diagnosis::good(SUBJECT, named)],
    };
    if missing.contains(&Need::Ps) {
        let message = "`ps` is missing, with which the engine lists what runs in a container";
        findings.push(Diagnosis::warning(SUBJECT, message).mend(SETUP));
    }
    findings.push(if build_kit {
        Diagnosis::good("BuildKit", "the engine builds with it")
    } else {
        Diagnosis::broken("BuildKit", "the engine does not offer it")
            .mend("upgrade the engine, or let `--engine` name another")
    });
    findings
}

/// `20.10.24+dfsg1` → 20 and 10.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn disk(seen: &Seen) -> Option<Diagnosis> {
    const SUBJECT: &str = "disk";
    let disk = seen.engine_disk.as_ref()?;
    let message = format!("{} GiB free for images at `{}`", disk.free >> 30, disk.path.display());
    let mend = "free some space there: `docker system prune` removes what no container uses";
    Some(match disk.free {
        ..LITTLE_DISK => Diagnosis::broken(SUBJECT, message).mend(mend),
        LITTLE_DISK..ENOUGH_DISK => {
            Diagnosis::warning(SUBJECT, format!("{message}; big frameworks with GPU support want 20")).mend(mend)
        }
        _ => Diagnosis::good(SUBJECT, message),
    })
}

fn gpu(seen: &Seen) -> Vec<Diagnosis> {
    const SUBJECT: &str = "GPU";
    let mut findings: Vec<Diagnosis> =
        seen.host.problems.iter().map(|problem| Diagnosis::warning(SUBJECT, problem.clone())).collect();
    let Some(driver) = &seen.host.driver else {
        if seen.host.gpus.is_empty() {
            findings.push(Diagnosis::good(SUBJECT, "none; environments for the CPU work"));
        }
        return findings;
    };
    let count = seen.host.gpus.len();
    let named = format!("driver {} with {count} GPU{}", driver.value, if count == 1 { "" } else { "s" });
    let EngineSeen::Answers { info, .. } = &seen.engine else {
        findings.push(Diagnosis::good(SUBJECT, named));
        return findings;
    };
    findings.push(match (route(info), seen.toolkit) {
        (Some(route), _) => Diagnosis::good(SUBJECT, format!("{named}; containers reach them through {route}")),
        (None, ContainerToolkit::Installed) => {
            let message =
                format!("{named}; the NVIDIA Container Toolkit is installed, and the engine does not say it knows it");
            Diagnosis::warning(SUBJECT, message)
                .mend("sudo nvidia-ctk runtime configure --runtime=docker")
                .mend("then restart the engine: `sudo systemctl restart docker`")
        }
        (None, ContainerToolkit::Missing { .. } | ContainerToolkit::NotNeeded) => Diagnosis::broken(
            SUBJECT,
            format!("{named}, and the NVIDIA Container Toolkit is missing: no container can reach them"),
        )
        .mend(SETUP),
    });
    findings
}

/// How the engine offers GPUs, where it says so.
fn route(info: &EngineInfo) -> Option<&'static str> {
    let cdi = info.cdi.iter().any(|name| name.contains("nvidia.com/gpu"));
    let runtime = info.runtimes.iter().any(|name| name == "nvidia");
    cdi.then_some("CDI").or_else(|| runtime.then_some("the nvidia runtime"))
}

fn packages(seen: &Seen) -> Diagnosis {
    const SUBJECT: &str = "Python";
    if seen.missing.contains(&Need::Pip) {
        let message = "`python3 -m pip` is missing, which fetches the package resolver";
        return Diagnosis::broken(SUBJECT, message).mend(SETUP);
    }
    Diagnosis::good(SUBJECT, "`python3 -m pip` is there")
}

/// Only a person who asks for it needs it.
fn bootstrap(seen: &Seen) -> Option<Diagnosis> {
    const SUBJECT: &str = "bootstrap";
    let debian = seen
        .host
        .distribution
        .as_ref()
        .is_some_and(|tag| tag.value.starts_with("debian") || tag.value.starts_with("ubuntu"));
    let missing = seen.missing.contains(&Need::Mmdebstrap) || seen.missing.contains(&Need::UidMap);
    let message = "`--bootstrap` can't make base images: `mmdebstrap` is missing, or what maps user IDs for it";
    (debian && missing).then(|| Diagnosis::warning(SUBJECT, message).mend(SETUP))
}

fn ssh(seen: &Seen) -> Vec<Diagnosis> {
    const SUBJECT: &str = "SSH";
    if seen.missing.contains(&Need::SshClient) {
        let message = "`ssh` is missing: `envctl exec` works without it, `ssh NAME` does not";
        return vec![Diagnosis::broken(SUBJECT, message).mend(SETUP)];
    }
    let keys = match (seen.ssh_keys, seen.ssh_agent) {
        (0, false) => "no key of yours: one is made for envctl's own use".to_owned(),
        (0, true) => "an agent".to_owned(),
        (count, agent) => {
            format!(
                "{count} public key{}{}",
                if count == 1 { "" } else { "s" },
                if agent { " and an agent" } else { "" }
            )
        }
    };
    let config = match &seen.ssh_config {
        SshConfig::Unreadable { reason } => {
            Diagnosis::warning(SUBJECT, format!("`~/.ssh/config` can't be read: {reason}"))
                .mend("ls -ld ~/.ssh ~/.ssh/config")
        }
        SshConfig::Readable { exposed: true, .. } => {
            Diagnosis::broken(SUBJECT, "`~/.ssh/config` can be written by others, so `ssh` refuses to run")
                .mend("chmod 600 ~/.ssh/config")
        }
        SshConfig::Readable { included: false, writable: false, .. } => Diagnosis::warning(
            SUBJECT,
            "`~/.ssh/config` is read-only and does not include envctl's entries: use `envctl ssh`",
        ),
        SshConfig::Readable { included: true, .. } => {
            Diagnosis::good(SUBJECT, "the client is there, and `~/.ssh/config` includes envctl's entries")
        }
        SshConfig::Readable { .. } | SshConfig::Absent => {
            Diagnosis::good(SUBJECT, "the client is there; the first `up` adds one line to `~/.ssh/config`")
        }
    };
    vec![config, Diagnosis::good("SSH keys", keys)]
}

fn network(seen: &Seen) -> Vec<Diagnosis> {
    let certificates = seen.certificates.as_ref().map_or_else(
        || Diagnosis::warning("certificates", "no bundle of certificate authorities was found").mend(SETUP),
        |path| Diagnosis::good("certificates", format!("`{}`, also in each build step", path.display())),
    );
    let proxy = (!seen.proxy.is_empty()).then(|| Diagnosis::good("proxy", format!("{} set", seen.proxy.join(", "))));
    [certificates].into_iter().chain(proxy).collect()
}

#[cfg(test)]
mod tests;
