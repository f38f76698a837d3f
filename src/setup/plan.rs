//! Decides what to install and start. A pure function of what was observed.

use super::{ContainerToolkit, EngineState, InstalledParts, Need, SetupError, SetupStep, StepProof};

/// The engine's program as a shell starts it where no service manager does: in a session of its own, so that it outlives
/// the terminal, with its words kept. Constant text: nothing is put into it.
const START_IN_BACKGROUND: &str = "setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &";

/// Stops it and waits until it is gone. Constant text likewise.
const STOP_IN_BACKGROUND: &str = "pid=$(cat /var/run/docker.pid) && kill \"$pid\" && \
                                  while kill -0 \"$pid\" 2>/dev/null; do sleep 0.1; done";
const RESTART_WHY: &str = "the engine looks for the toolkit when it starts; containers that run now are stopped by it";

/// Where NVIDIA serves the Container Toolkit and its key.
const TOOLKIT_KEY: &str = "https://nvidia.github.io/libnvidia-container/gpgkey";
const TOOLKIT_KEYRING: &str = "/usr/share/keyrings/nvidia-container-toolkit.asc";
const TOOLKIT_SOURCES: &str = "/etc/apt/sources.list.d/nvidia-container-toolkit.list";
const TOOLKIT_LINE: &str = "deb [signed-by=/usr/share/keyrings/nvidia-container-toolkit.asc] \
                            https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /\n";

/// The commands that are missing between what is and what should be; none where all is well.
///
/// # Errors
/// Where the machine is not of a kind that can be set up, and something is missing.
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
        install(&packages(observed), &mut steps);
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

/// Whether the endpoint is the one that the distribution's own engine listens on.
fn is_own(endpoint: &str) -> bool {
    matches!(endpoint, "unix:///var/run/docker.sock" | "unix:///run/docker.sock")
}

/// Debian's packages for what is missing, with what each is for.
fn packages(observed: &InstalledParts) -> Vec<(&'static str, &'static str)> {
    let mut packages = Vec::new();
    if lacks_engine(observed) {
        packages.push(("docker.io", "the container engine"));
    }
    let needs_engine = observed.engine == EngineState::Silent;
    for need in &observed.missing {
        match need {
            Need::Iptables if needs_engine => packages.push(("iptables", "the engine's networks")),
            Need::Iptables => {}
            Need::Ps => packages.push(("procps", "listing what runs in a container")),
            Need::Pip => packages.push(("python3-pip", "fetching the package resolver")),
            Need::SshClient => packages.push(("openssh-client", "`ssh`")),
            Need::Mmdebstrap => packages.push(("mmdebstrap", "base images where no registry can be reached")),
            Need::UidMap => packages.push(("uidmap", "making base images without root")),
            Need::Certificates => packages.push(("ca-certificates", "HTTPS")),
        }
    }
    if observed.toolkit == (ContainerToolkit::Missing { curl: true }) {
        packages.push(("curl", "fetching a repository's key"));
    }
    packages
}

fn install(packages: &[(&str, &str)], steps: &mut Vec<SetupStep>) {
    if packages.is_empty() {
        return;
    }
    let names: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let why: Vec<String> = packages.iter().map(|(name, purpose)| format!("{name} for {purpose}")).collect();
    steps.push(update("the package lists may be old or missing"));
    steps.push(apt_install(&names, &why.join(", ")));
}

fn update(why: &str) -> SetupStep {
    SetupStep::run(&["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "update"], why).proven_by(StepProof::None)
}

fn apt_install(names: &[&str], why: &str) -> SetupStep {
    let mut argv = vec!["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120", "install", "--no-install-recommends"];
    argv.extend(names);
    SetupStep::run(&argv, why).with_env("DEBIAN_FRONTEND", "noninteractive")
}

fn start(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    for file in &observed.stale {
        let path = file.display().to_string();
        steps.push(SetupStep::run(
            &["rm", "-f", &path],
            "it names a process that is no engine, which keeps one from starting",
        ));
    }
    let step = if observed.systemd {
        SetupStep::run(&["systemctl", "enable", "--now", "docker"], "the container engine, now and after each boot")
    } else {
        SetupStep::run(
            &["sh", "-c", START_IN_BACKGROUND],
            "the container engine, in the background: no service manager runs here",
        )
    };
    steps.push(step.proven_by(StepProof::EngineAnswers));
}

/// Lets the person behind the call use the engine without root.
fn admit(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    let caller = &observed.caller;
    let needed = observed.engine != EngineState::Answers || caller.is_root;
    if is_own(&observed.endpoint) && caller.user != "root" && !caller.in_docker_group && needed {
        let why = format!(
            "`{}` may use the engine, which is as mighty as being root; it counts from the next login",
            caller.user
        );
        steps.push(SetupStep::run(&["usermod", "-aG", "docker", &caller.user], why));
    }
}

fn add_toolkit(observed: &InstalledParts, steps: &mut Vec<SetupStep>) {
    let key = ["curl", "-fsSL", "--retry", "3", "-o", TOOLKIT_KEYRING, TOOLKIT_KEY];
    steps.push(SetupStep::run(&key, "the key of NVIDIA's repository"));
    steps.push(SetupStep::write(TOOLKIT_SOURCES, TOOLKIT_LINE.to_owned(), "NVIDIA's repository"));
    steps.push(update("the new repository's package list"));
    steps.push(apt_install(&["nvidia-container-toolkit"], "GPUs in containers"));
    let configure = ["nvidia-ctk", "runtime", "configure", "--runtime=docker"];
    steps.push(SetupStep::run(&configure, "the engine learns of the toolkit"));
    if observed.systemd {
        steps.push(SetupStep::run(&["systemctl", "restart", "docker"], RESTART_WHY));
    } else if observed.engine != EngineState::Silent {
        steps.push(SetupStep::run(&["sh", "-c", STOP_IN_BACKGROUND], RESTART_WHY));
        steps.push(
            SetupStep::run(&["sh", "-c", START_IN_BACKGROUND], "the engine again").proven_by(StepProof::EngineAnswers),
        );
    }
}

/// Elsewhere than on Debian nothing can be installed, so nothing may be missing. What the engine's own package brings
/// there (`iptables`) and what only Debian bases are made with does not count.
fn refuse_unknown(observed: &InstalledParts) -> Result<(), SetupError> {
    let engine = lacks_engine(observed).then_some("a container engine");
    let programs = observed.missing.iter().filter_map(|need| match need {
        Need::Iptables | Need::Mmdebstrap | Need::UidMap => None,
        Need::Ps => Some("`ps`"),
        Need::Pip => Some("`python3 -m pip`"),
        Need::SshClient => Some("`ssh`"),
        Need::Certificates => Some("the bundle of certificate authorities"),
    });
    let toolkit =
        matches!(observed.toolkit, ContainerToolkit::Missing { .. }).then_some("the NVIDIA Container Toolkit");
    let missing: Vec<&str> = engine.into_iter().chain(programs).chain(toolkit).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let named = observed.distribution.as_ref().map(|release| format!("`{}`", release.tag()));
    let distribution = named.unwrap_or_else(|| "a distribution that does not say its name".to_owned());
    Err(SetupError::UnknownDistribution { distribution, missing })
}

#[cfg(test)]
mod tests;
