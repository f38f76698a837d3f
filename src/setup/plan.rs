//! Decides which parts to install and start. It is a pure function of the observed state.
//!
//! It adds a step only for a part that is missing, so that a second plan is empty.

use super::{
    ContainerToolkit, EngineState, InstalledParts, MissingPart, Need, SetupError, SetupPackage, SetupStep, StepProof,
    StepReason,
};
use crate::host::parse::os::Release;

/// The shell command that starts the engine if no service manager runs. The engine gets a session of its own, so that
/// it survives the terminal, and a log. The text is constant: no value is inserted.
const START_IN_BACKGROUND: &str = "setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &";

/// The shell command that stops the engine and waits for its end. The text is constant, too.
const STOP_IN_BACKGROUND: &str = "pid=$(cat /var/run/docker.pid) && kill \"$pid\" && \
                                  while kill -0 \"$pid\" 2>/dev/null; do sleep 0.1; done";

/// The address of NVIDIA's Container Toolkit and of its key.
const TOOLKIT_KEY: &str = "https://nvidia.github.io/libnvidia-container/gpgkey";
const TOOLKIT_KEYRING: &str = "/usr/share/keyrings/nvidia-container-toolkit.asc";
const TOOLKIT_SOURCES: &str = "/etc/apt/sources.list.d/nvidia-container-toolkit.list";
const TOOLKIT_LINE: &str = "deb [signed-by=/usr/share/keyrings/nvidia-container-toolkit.asc] \
                            https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /\n";

/// The commands that lead from the observed to the complete state. Empty: the machine is complete.
///
/// # Errors
///
/// A part is missing, and envctl cannot set up this kind of machine.
pub fn plan(observed: &InstalledParts) -> Result<Vec<SetupStep>, SetupError> {
    let needs_engine = observed.engine == EngineState::Silent;
    if needs_engine && !is_own(&observed.endpoint) {
        return Err(SetupError::Elsewhere { endpoint: observed.endpoint.clone() });
    }
    let debian_like = observed.distribution.as_ref().is_some_and(|release| release.is_like("debian"));
    if !debian_like {
        refuse_unknown(observed)?;
    }

    let mut steps = Vec::new();
    if debian_like {
        install(packages(observed), &mut steps);
    }
    if matches!(observed.toolkit, ContainerToolkit::Missing { .. }) {
        add_toolkit(observed, &mut steps);
    }
    if needs_engine {
        start(observed, &mut steps);
    }
    admit(observed, &mut steps);
    if observed.caller.is_root || steps.is_empty() {
        return Ok(steps);
    }
    if !observed.caller.sudo {
        return Err(SetupError::NeedsRoot { steps });
    }
    for step in &mut steps {
        step.sudo = true;
    }
    Ok(steps)
}

/// Whether an engine has to be installed.
fn lacks_engine(observed: &InstalledParts) -> bool {
    observed.engine == EngineState::Silent && !observed.daemon
}

/// Whether the endpoint is the default address of the distribution's own engine.
fn is_own(endpoint: &str) -> bool {
    matches!(endpoint, "unix:///var/run/docker.sock" | "unix:///run/docker.sock")
}

/// Debian's packages for the missing parts.
fn packages(observed: &InstalledParts) -> Vec<SetupPackage> {
    let needs_engine = observed.engine == EngineState::Silent;
    let needed = observed.missing.iter().filter(|need| **need != Need::Iptables || needs_engine);
    let engine = lacks_engine(observed).then_some(SetupPackage::Engine);
    let curl = (observed.toolkit == ContainerToolkit::Missing { curl: true }).then_some(SetupPackage::Curl);
    engine.into_iter().chain(needed.copied().map(SetupPackage::Program)).chain(curl).collect()
}

fn install(packages: Vec<SetupPackage>, steps: &mut Vec<SetupStep>) {
    if packages.is_empty() {
        return;
    }
    let names: Vec<&str> = packages.iter().map(|package| package.name()).collect();
    steps.push(update(StepReason::OldLists));
    steps.push(apt_install(&names, StepReason::Missing(packages)));
}

fn update(why: StepReason) -> SetupStep {
    SetupStep::run(&["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "update"], why).proven_by(StepProof::None)
}

fn apt_install(names: &[&str], why: StepReason) -> SetupStep {
    let mut argv = vec!["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120", "install", "--no-install-recommends"];
    argv.extend(names);
    SetupStep::run(&argv, why).with_env("DEBIAN_FRONTEND", "noninteractive")
}

fn start(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    for file in &observed.stale {
        let path = file.display().to_string();
        steps.push(SetupStep::run(&["rm", "-f", &path], StepReason::StaleFile));
    }
    let step = if observed.systemd {
        SetupStep::run(&["systemctl", "enable", "--now", "docker"], StepReason::EngineAtBoot)
    } else {
        SetupStep::run(&["sh", "-c", START_IN_BACKGROUND], StepReason::EngineInBackground)
    };
    steps.push(step.proven_by(StepProof::EngineAnswers));
}

/// Adds the steps that let the calling user use the engine without root.
fn admit(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    let caller = &observed.caller;
    let needed = observed.engine != EngineState::Answers || caller.is_root;
    if is_own(&observed.endpoint) && caller.user != "root" && !caller.in_docker_group && needed {
        let why = StepReason::Membership { user: caller.user.clone() };
        steps.push(SetupStep::run(&["usermod", "-aG", "docker", &caller.user], why));
    }
}

fn add_toolkit(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    let key = ["curl", "-fsSL", "--retry", "3", "-o", TOOLKIT_KEYRING, TOOLKIT_KEY];
    steps.push(SetupStep::run(&key, StepReason::ToolkitKey));
    steps.push(SetupStep::write(TOOLKIT_SOURCES, TOOLKIT_LINE.to_owned(), StepReason::ToolkitRepository));
    steps.push(update(StepReason::ToolkitLists));
    steps.push(apt_install(&["nvidia-container-toolkit"], StepReason::Toolkit));
    let configure = ["nvidia-ctk", "runtime", "configure", "--runtime=docker"];
    steps.push(SetupStep::run(&configure, StepReason::ToolkitInEngine));
    if observed.systemd {
        steps.push(SetupStep::run(&["systemctl", "restart", "docker"], StepReason::EngineRestart));
    } else if observed.engine != EngineState::Silent {
        steps.push(SetupStep::run(&["sh", "-c", STOP_IN_BACKGROUND], StepReason::EngineRestart));
        steps.push(
            SetupStep::run(&["sh", "-c", START_IN_BACKGROUND], StepReason::EngineAgain)
                .proven_by(StepProof::EngineAnswers),
        );
    }
}

/// Refuses a distribution other than Debian if a part is missing, because envctl can install nothing there. Programs
/// from the engine's own package (`iptables`) and tools for Debian bases do not count.
fn refuse_unknown(observed: &InstalledParts) -> Result<(), SetupError> {
    let engine = lacks_engine(observed).then_some(MissingPart::Engine);
    let programs = observed
        .missing
        .iter()
        .copied()
        .filter(|need| !matches!(need, Need::Iptables | Need::Mmdebstrap | Need::UidMap));
    let toolkit = matches!(observed.toolkit, ContainerToolkit::Missing { .. }).then_some(MissingPart::Toolkit);
    let missing: Vec<_> = engine.into_iter().chain(programs.map(MissingPart::Program)).chain(toolkit).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let distribution = observed.distribution.as_ref().map(Release::tag);
    Err(SetupError::UnknownDistribution { distribution, missing })
}

#[cfg(test)]
mod tests;
